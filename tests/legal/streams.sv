//// stream on both sides
module t(input [7:0] a, output logic [7:0] y); always_comb {>>{y}} = {<<{a}}; endmodule
// right
module t(input [7:0] a, output [7:0] y); assign y = {a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]}; endmodule
// wrong
module t(input [7:0] a, output [7:0] y); assign y = a; endmodule
//// stream on both sides in an assign
module t(input [7:0] a, output [7:0] y); assign {>>{y}} = {<<2{a}}; endmodule
// right
module t(input [7:0] a, output [7:0] y); assign y = {a[1:0], a[3:2], a[5:4], a[7:6]}; endmodule
// wrong
module t(input [7:0] a, output [7:0] y); assign y = {a[5:4], a[7:6], a[1:0], a[3:2]}; endmodule
//// bytes swapped
module t(input [31:0] a, output [31:0] y); assign y = {<<8{a}}; endmodule
// right
module t(input [31:0] a, output [31:0] y); assign y = {a[7:0], a[15:8], a[23:16], a[31:24]}; endmodule
// wrong
module t(input [31:0] a, output [31:0] y); assign y = {a[15:8], a[7:0], a[31:24], a[23:16]}; endmodule
//// into a wider target, filled on the right
module t(input [5:0] a, output logic [9:0] y); always_comb y = {<<{a}}; endmodule
// right
module t(input [5:0] a, output [9:0] y); assign y = {a[0], a[1], a[2], a[3], a[4], a[5], 4'd0}; endmodule
// wrong
module t(input [5:0] a, output [9:0] y); assign y = {4'd0, a[0], a[1], a[2], a[3], a[4], a[5]}; endmodule
//// slice that does not divide
module t(input [9:0] a, output [9:0] y); assign y = {<<4{a}}; endmodule
// right
module t(input [9:0] a, output [9:0] y); assign y = {a[3:0], a[7:4], a[9:8]}; endmodule
// wrong
module t(input [9:0] a, output [9:0] y); assign y = {a[1:0], a[5:2], a[9:6]}; endmodule
//// unpacking into several targets
module t(input [8:0] a, output logic [2:0] x, output logic [5:0] y); always_comb {>>{x, y}} = a; endmodule
// right
module t(input [8:0] a, output [2:0] x, output [5:0] y); assign {x, y} = a; endmodule
// wrong
module t(input [8:0] a, output [2:0] x, output [5:0] y); assign {y, x} = a; endmodule
//// unpacking from a wider source takes the left
module t(input [8:0] a, output logic [2:0] x, y); always_comb {>>{x, y}} = a; endmodule
// right
module t(input [8:0] a, output [2:0] x, y); assign x = a[8:6]; assign y = a[5:3]; endmodule
// wrong
module t(input [8:0] a, output [2:0] x, y); assign x = a[5:3]; assign y = a[2:0]; endmodule
//// reversed into several targets
module t(input [5:0] a, output logic [1:0] x, output logic [3:0] y); always_comb {<<{x, y}} = a; endmodule
// right
module t(input [5:0] a, output [1:0] x, output [3:0] y); assign x = {a[0], a[1]}; assign y = {a[2], a[3], a[4], a[5]}; endmodule
// wrong
module t(input [5:0] a, output [1:0] x, output [3:0] y); assign {x, y} = a; endmodule
//// slice named by a type
module t(input [31:0] a, output [31:0] y); typedef logic [7:0] b_t; assign y = {<<b_t{a}}; endmodule
// right
module t(input [31:0] a, output [31:0] y); assign y = {a[7:0], a[15:8], a[23:16], a[31:24]}; endmodule
// wrong
module t(input [31:0] a, output [31:0] y); assign y = a; endmodule
//// array to vector and back
module t(input [11:0] a, output logic [11:0] y);
  logic [3:0] m [3];
  always_comb begin {>>{m}} = a; y = {<<4{m}}; end
endmodule
// right
module t(input [11:0] a, output [11:0] y); assign y = {a[3:0], a[7:4], a[11:8]}; endmodule
// wrong
module t(input [11:0] a, output [11:0] y); assign y = a; endmodule
//// stream cast to a type
module t(input [5:0] a, output [9:0] y); typedef logic signed [5:0] w_t; assign y = w_t'({<<{a}}); endmodule
// right
module t(input [5:0] a, output [9:0] y); assign y = {{4{a[0]}}, a[0], a[1], a[2], a[3], a[4], a[5]}; endmodule
// wrong
module t(input [5:0] a, output [9:0] y); assign y = {a[0], a[1], a[2], a[3], a[4], a[5], 4'd0}; endmodule
//// stream of several values, registered
module t(input clk, input [2:0] a, input [4:0] b, output logic [7:0] y); always_ff @(posedge clk) y <= {<<{a, b}}; endmodule
// right
module t(input clk, input [2:0] a, input [4:0] b, output reg [7:0] y);
  always @(posedge clk) y <= {b[0], b[1], b[2], b[3], b[4], a[0], a[1], a[2]}; endmodule
// wrong
module t(input clk, input [2:0] a, input [4:0] b, output reg [7:0] y);
  always @(posedge clk) y <= {a[0], a[1], a[2], b[0], b[1], b[2], b[3], b[4]}; endmodule
//// stream as the initial value of a variable
module t(input [3:0] a, output [3:0] y);
  function automatic logic [3:0] rev(input logic [3:0] v); logic [3:0] r = {<<{v}}; return r; endfunction
  assign y = rev(a);
endmodule
// right
module t(input [3:0] a, output [3:0] y); assign y = {a[0], a[1], a[2], a[3]}; endmodule
// wrong
module t(input [3:0] a, output [3:0] y); assign y = {a[0], a[1], a[3], a[2]}; endmodule
//// structure packed and unpacked by streams
module t(input [7:0] a, output [7:0] y);
  typedef struct { logic [2:0] h; logic [4:0] l; } s_t;
  s_t s; always_comb {>>{s}} = a;
  assign y = {s.l, s.h};
endmodule
// right
module t(input [7:0] a, output [7:0] y); assign y = {a[4:0], a[7:5]}; endmodule
// wrong
module t(input [7:0] a, output [7:0] y); assign y = {a[3:0], a[7:4]}; endmodule
//// both sides reversed, slices of three
module t(input [8:0] a, output logic [8:0] y); always_comb {<<3{y}} = {<<{a}}; endmodule
// right
module t(input [8:0] a, output [8:0] y); assign y = {a[6], a[7], a[8], a[3], a[4], a[5], a[0], a[1], a[2]}; endmodule
// wrong
module t(input [8:0] a, output [8:0] y); assign y = {a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8]}; endmodule
//// both sides, widths by slices of five and three
module t(input [14:0] a, output logic [14:0] y); always_comb {<<5{y}} = {<<3{a}}; endmodule
// right
module t(input [14:0] a, output [14:0] y); wire [14:0] s = {a[2:0], a[5:3], a[8:6], a[11:9], a[14:12]}; assign y = {s[4:0], s[9:5], s[14:10]}; endmodule
// wrong
module t(input [14:0] a, output [14:0] y); assign y = {a[2:0], a[5:3], a[8:6], a[11:9], a[14:12]}; endmodule
//// streams of mixed items on both sides
module t(input [3:0] a, input [1:0] b, output logic [2:0] x, z); always_comb {>>{x, z}} = {<<2{a, b}}; endmodule
// right
module t(input [3:0] a, input [1:0] b, output [2:0] x, z); assign {x, z} = {b, a[1:0], a[3:2]}; endmodule
// wrong
module t(input [3:0] a, input [1:0] b, output [2:0] x, z); assign {x, z} = {a, b}; endmodule
//// stream into a queue-free array of bytes, from the left
module t(input [19:0] a, output [15:0] y); logic [7:0] m [2]; always_comb {>>byte{m}} = a; assign y = {m[0], m[1]}; endmodule
// right
module t(input [19:0] a, output [15:0] y); assign y = a[19:4]; endmodule
// wrong
module t(input [19:0] a, output [15:0] y); assign y = a[15:0]; endmodule
//// stream with a slice in a larger target, registered and signed
module t(input clk, input signed [4:0] a, output logic signed [7:0] y); always_ff @(posedge clk) y <= {<<3{a}}; endmodule
// right
module t(input clk, input [4:0] a, output reg [7:0] y); always @(posedge clk) y <= {a[2:0], a[4:3], 3'd0}; endmodule
// wrong
module t(input clk, input [4:0] a, output reg [7:0] y); always @(posedge clk) y <= {3'd0, a[2:0], a[4:3]}; endmodule
