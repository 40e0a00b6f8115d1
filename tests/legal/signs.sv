//// member of a structure
module t(input [7:0] a, b, output y);
  typedef struct packed { logic signed [7:0] p; logic [7:0] q; } pair;
  pair s; assign s = {a, b};
  assign y = s.p < 8'sd5;
endmodule
// right
module t(input signed [7:0] a, input [7:0] b, output y); assign y = a < 5; endmodule
// wrong
module t(input [7:0] a, b, output y); assign y = a < 5; endmodule
//// nested member, extended
module t(input [3:0] a, output [7:0] y);
  typedef struct packed { struct packed { logic signed [2:0] h; logic l; } n; } outer;
  outer s; assign s = a;
  wire signed [7:0] w = s.n.h;
  assign y = w;
endmodule
// right
module t(input [3:0] a, output [7:0] y); assign y = {{5{a[3]}}, a[3:1]}; endmodule
// wrong
module t(input [3:0] a, output [7:0] y); assign y = {5'd0, a[3:1]}; endmodule
//// inverted nested member
module t(input [3:0] a, output [7:0] y);
  struct packed { struct packed { logic [1:0] h, l; } n; } s;
  assign s = a;
  assign y = ~s.n.h;
endmodule
// right
module t(input [3:0] a, output [7:0] y); assign y = ~{6'd0, a[3:2]}; endmodule
// wrong
module t(input [3:0] a, output [7:0] y); assign y = {6'd0, ~a[3:2]}; endmodule
//// packed array of signed elements
module t(input [11:0] a, input [1:0] i, output [7:0] y);
  typedef logic signed [3:0] nibble;
  nibble [2:0] v; assign v = a;
  wire signed [7:0] w = v[1];
  assign y = w;
endmodule
// right
module t(input [11:0] a, input [1:0] i, output [7:0] y); assign y = {{4{a[7]}}, a[7:4]}; endmodule
// wrong
module t(input [11:0] a, input [1:0] i, output [7:0] y); assign y = {4'd0, a[7:4]}; endmodule
//// union of signed and unsigned
module t(input [7:0] a, output y, z);
  typedef union packed { logic signed [7:0] s; logic [7:0] u; } both;
  both v; assign v.u = a;
  assign y = v.s < 3;
  assign z = v.u < 3;
endmodule
// right
module t(input [7:0] a, output y, z); assign y = a[7] | a < 3; assign z = a < 3; endmodule
// wrong
module t(input [7:0] a, output y, z); assign y = a < 3; assign z = a < 3; endmodule
//// enumeration with a signed base as a member
module t(input [1:0] a, output [7:0] y);
  typedef enum logic signed [1:0] {NEG = -1, ZERO = 0, POS = 1} sign;
  typedef struct packed { sign s; logic [1:0] r; } holder;
  holder h; assign h = {a, 2'b00};
  assign y = h.s * 8'sd3;
endmodule
// right
module t(input signed [1:0] a, output [7:0] y); assign y = a * 3; endmodule
// wrong
module t(input [1:0] a, output [7:0] y); assign y = a * 3; endmodule
//// member of a signed type
module t(input [7:0] a, output [7:0] y);
  typedef shortint word; typedef struct packed { byte b; word w; } t2;
  t2 s; assign s = {a, 16'd7};
  assign y = s.b >>> 2;
endmodule
// right
module t(input [7:0] a, output [7:0] y); assign y = {{2{a[7]}}, a[7:2]}; endmodule
// wrong
module t(input [7:0] a, output [7:0] y); assign y = a >> 2; endmodule
//// signed structure as a whole
module t(input [3:0] a, b, output y);
  typedef struct packed signed { logic [1:0] h, l; } number;
  number p, q; assign p = a; assign q = b;
  assign y = p < q;
endmodule
// right
module t(input signed [3:0] a, b, output y); assign y = a < b; endmodule
// wrong
module t(input [3:0] a, b, output y); assign y = a < b; endmodule
//// signed words of a memory
module t(input clk, we, input [1:0] i, input [3:0] d, output reg [7:0] y);
  logic signed [3:0] m [0:3];
  always_ff @(posedge clk) begin if (we) m[i] <= d; y <= m[i] * 8'sd5; end
endmodule
// right
module t(input clk, we, input [1:0] i, input [3:0] d, output reg [7:0] y);
  reg [3:0] m [0:3]; wire [3:0] w = m[i]; wire signed [7:0] x = {{4{w[3]}}, w};
  always @(posedge clk) begin if (we) m[i] <= d; y <= x * 5; end
endmodule
// wrong
module t(input clk, we, input [1:0] i, input [3:0] d, output reg [7:0] y);
  reg [3:0] m [0:3];
  always @(posedge clk) begin if (we) m[i] <= d; y <= m[i] * 5; end
endmodule
//// port signed in its declaration as a variable
module t(a, y);
  input [3:0] a; output [7:0] y; reg signed [7:0] y; wire signed [3:0] a;
  always @* y = a;
endmodule
// right
module t(input [3:0] a, output [7:0] y); assign y = {{4{a[3]}}, a}; endmodule
// wrong
module t(input [3:0] a, output [7:0] y); assign y = a; endmodule
//// port signed in its declaration as a port
module t(a, b, y);
  output reg y; input signed [3:0] a, b; wire [3:0] a; wire [3:0] b;
  always @* y = a > b;
endmodule
// right
module t(input signed [3:0] a, b, output y); assign y = a > b; endmodule
// wrong
module t(input [3:0] a, b, output y); assign y = a > b; endmodule
//// signed output declared again
module t(a, z);
  input [3:0] a; output z; wire [3:0] y; wire signed [3:0] s = a;
  sub u(.x(a), .y(y)); assign z = y[3];
endmodule
module sub(x, y);
  input signed [3:0] x; output signed [3:0] y; reg [3:0] y;
  always @* y = (y_next < 0) ? 4'd8 : 4'd1;
  wire signed [3:0] y_next = x;
endmodule
// right
module t(input [3:0] a, output z); assign z = a[3]; endmodule
// wrong
module t(input [3:0] a, output z); assign z = 0; endmodule
//// mixed signs make an unsigned comparison
module t(input signed [3:0] a, input [3:0] b, output y, output [5:0] z);
  assign y = a < b; assign z = a + b;
endmodule
// right
module t(input [3:0] a, b, output y, output [5:0] z); assign y = a < b; assign z = a + b; endmodule
// wrong
module t(input signed [3:0] a, b, output y, output [5:0] z); assign y = a < b; assign z = a + b; endmodule
