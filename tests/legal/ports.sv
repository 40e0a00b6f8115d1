//// part of a signed vector
module t(input signed [7:0] a, output [7:0] y); sub u(.i(a[7:4]), .o(y)); endmodule
module sub(input [7:0] i, output [7:0] o); assign o = i; endmodule
// right
module t(input [7:0] a, output [7:0] y); assign y = a[7:4]; endmodule
// wrong
module t(input [7:0] a, output [7:0] y); assign y = {{4{a[7]}}, a[7:4]}; endmodule
//// bit of a signed vector
module t(input signed [3:0] a, output [3:0] y); sub u(a[3], y); endmodule
module sub(input [3:0] i, output [3:0] o); assign o = i; endmodule
// right
module t(input [3:0] a, output [3:0] y); assign y = a[3]; endmodule
// wrong
module t(input [3:0] a, output [3:0] y); assign y = {4{a[3]}}; endmodule
//// concatenation of signed vectors
module t(input signed [1:0] a, b, output [7:0] y); sub u(.i({a, b}), .o(y)); endmodule
module sub(input signed [7:0] i, output [7:0] o); assign o = i; endmodule
// right
module t(input [1:0] a, b, output [7:0] y); assign y = {a, b}; endmodule
// wrong
module t(input [1:0] a, b, output [7:0] y); assign y = {{4{a[1]}}, a, b}; endmodule
//// whole signed vector
module t(input signed [3:0] a, output [7:0] y); sub u(.i(a), .o(y)); endmodule
module sub(input [7:0] i, output [7:0] o); assign o = i; endmodule
// right
module t(input [3:0] a, output [7:0] y); assign y = {{4{a[3]}}, a}; endmodule
// wrong
module t(input [3:0] a, output [7:0] y); assign y = a; endmodule
//// signed output into a wider net
module t(input [3:0] a, output [7:0] y); sub u(.i(a), .o(y)); endmodule
module sub(input [3:0] i, output signed [3:0] o); assign o = i; endmodule
// right
module t(input [3:0] a, output [7:0] y); assign y = {{4{a[3]}}, a}; endmodule
// wrong
module t(input [3:0] a, output [7:0] y); assign y = a; endmodule
//// expression at a port
module t(input signed [3:0] a, b, output [7:0] y); sub u(.i(a + b), .o(y)); endmodule
module sub(input [7:0] i, output [7:0] o); assign o = i; endmodule
// right
module t(input signed [3:0] a, b, output [7:0] y); wire signed [7:0] s = a + b; assign y = s; endmodule
// wrong
module t(input [3:0] a, b, output [7:0] y); assign y = a + b; endmodule
//// directions of arrays
module t(input [15:0] a, output [15:0] y);
  logic [3:0] x [0:3], z [3:0];
  assign {x[0], x[1], x[2], x[3]} = a;
  sub u(.i(x), .o(z));
  assign y = {z[3], z[2], z[1], z[0]};
endmodule
module sub(input logic [3:0] i [3:0], output logic [3:0] o [0:3]);
  always_comb begin o[0] = i[3]; o[1] = i[2]; o[2] = i[1]; o[3] = ~i[0]; end
endmodule
// right
module t(input [15:0] a, output [15:0] y); assign y = {a[15:4], ~a[3:0]}; endmodule
// wrong
module t(input [15:0] a, output [15:0] y); assign y = {~a[15:12], a[11:0]}; endmodule
//// arrays of more dimensions
module t(input [15:0] a, output [15:0] y);
  logic [3:0] x [0:1][0:1], z [1:0][1:0];
  assign x[0][0] = a[15:12]; assign x[0][1] = a[11:8]; assign x[1][0] = a[7:4]; assign x[1][1] = a[3:0];
  sub u(x, z);
  assign y = {z[0][0], z[0][1], z[1][0], z[1][1]};
endmodule
module sub(input logic [3:0] i [2][2], output logic [3:0] o [1:0][1:0]);
  assign o = i;
endmodule
// right
module t(input [15:0] a, output [15:0] y); assign y = {a[3:0], a[7:4], a[11:8], a[15:12]}; endmodule
// wrong
module t(input [15:0] a, output [15:0] y); assign y = a; endmodule
//// an array's elements from instances in a loop
module t(input [7:0] a, output [7:0] y);
  logic [1:0] w [0:3];
  for (genvar i = 0; i < 4; i++) begin : g sub #(.N(i)) u(.i(a[2*i +: 2]), .o(w[3 - i])); end
  assign y = {w[0], w[1], w[2], w[3]};
endmodule
module sub #(parameter N = 0)(input [1:0] i, output logic [1:0] o); always_comb o = i + N; endmodule
// right
module t(input [7:0] a, output [7:0] y);
  wire [1:0] p = a[7:6] + 3, q = a[5:4] + 2, r = a[3:2] + 1; assign y = {p, q, r, a[1:0]};
endmodule
// wrong
module t(input [7:0] a, output [7:0] y);
  wire [1:0] p = a[7:6] + 3, q = a[5:4] + 2, r = a[3:2] + 1; assign y = {a[1:0], r, q, p};
endmodule
//// a slice of an array
module t(input clk, input [3:0] d, output [7:0] y);
  logic [3:0] m [0:3]; logic [3:0] z [0:1];
  always_ff @(posedge clk) begin m[0] <= d; m[1:3] <= m[0:2]; end
  pick u(.i(m[2:3]), .o(z));
  assign y = {z[0], z[1]};
endmodule
module pick(input logic [3:0] i [0:1], output logic [3:0] o [0:1]); assign o = i; endmodule
// right
module t(input clk, input [3:0] d, output [7:0] y);
  reg [3:0] p, q, r, s; always @(posedge clk) begin p <= d; q <= p; r <= q; s <= r; end assign y = {r, s};
endmodule
// wrong
module t(input clk, input [3:0] d, output [7:0] y);
  reg [3:0] p, q, r, s; always @(posedge clk) begin p <= d; q <= p; r <= q; s <= r; end assign y = {s, r};
endmodule
//// structures at ports
module t(input [7:0] a, output [7:0] y);
  typedef struct packed { logic signed [3:0] x; logic [3:0] k; } t_in;
  t_in s; assign s = a;
  sub #(.T(t_in)) u(.i(s), .o(y));
endmodule
module sub #(parameter type T = logic)(input T i, output [7:0] o); assign o = i.x; endmodule
// right
module t(input [7:0] a, output [7:0] y); assign y = {{4{a[7]}}, a[7:4]}; endmodule
// wrong
module t(input [7:0] a, output [7:0] y); assign y = a[7:4]; endmodule
//// arrays of instances
module t(input [7:0] a, input c, output [7:0] y); inv u[3:0](.i(a), .c(c), .o(y)); endmodule
module inv(input [1:0] i, input c, output logic [1:0] o); assign o = i ^ {c, ~c}; endmodule
// right
module t(input [7:0] a, input c, output [7:0] y); assign y = a ^ {4{c, ~c}}; endmodule
// wrong
module t(input [7:0] a, input c, output [7:0] y); assign y = a ^ {4{~c, c}}; endmodule
//// filled literals and implicit connections
module t(input [3:0] a, output [3:0] y); wire [3:0] b = 4'd3; sub u(.*, .c('1)); endmodule
module sub(input [3:0] a, b, c, output [3:0] y); assign y = (a ^ b) & c; endmodule
// right
module t(input [3:0] a, output [3:0] y); assign y = a ^ 3; endmodule
// wrong
module t(input [3:0] a, output [3:0] y); assign y = (a ^ 3) & 1; endmodule
//// output into a part of a variable
module t(input [3:0] a, output logic [7:0] y);
  sub u(.i(a), .o(y[3:0])); sub v(.i(~a), .o(y[7:4]));
endmodule
module sub(input [3:0] i, output logic [3:0] o); always_comb o = i + 1; endmodule
// right
module t(input [3:0] a, output [7:0] y); wire [3:0] p = a + 1, q = ~a + 1; assign y = {q, p}; endmodule
// wrong
module t(input [3:0] a, output [7:0] y); wire [3:0] p = a + 1, q = ~a + 1; assign y = {p, q}; endmodule
//// escaped names
module t(input \begin , input [1:0] \a-b , output \logic ); assign \logic = \begin ? \a-b [1] : \a-b [0]; endmodule
// right
module t(input \begin , input [1:0] \a-b , output \logic ); assign \logic = (\begin & \a-b [1]) | (~\begin & \a-b [0]); endmodule
// wrong
module t(input \begin , input [1:0] \a-b , output \logic ); assign \logic = \begin ? \a-b [0] : \a-b [1]; endmodule
//// bidirectional net below
module t(input e, d, output y); tri b; pad p(.e(e), .d(d), .b(b)); pullup(b); assign y = b; endmodule
module pad(input e, d, inout b); assign b = e ? d : 1'bz; endmodule
// right
module t(input e, d, output y); assign y = ~e | d; endmodule
// wrong
module t(input e, d, output y); assign y = e & d; endmodule
