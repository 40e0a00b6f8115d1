//// parameter int unsigned
module t #(parameter int unsigned K = 4)(input [3:0] a, output [3:0] y, output z);
  assign y = a + K; assign z = a - K > 0;
endmodule
// right
module t(input [3:0] a, output [3:0] y, output z); assign y = a + 4; assign z = a != 4; endmodule
// wrong
module t(input [3:0] a, output [3:0] y, output z); assign y = a + 4; assign z = a > 4; endmodule
//// parameters of small integer types
module t #(parameter shortint S = -3, parameter byte unsigned B = 200, parameter longint L = 5)(input signed [7:0] a, output [15:0] y);
  assign y = a * S + B + L;
endmodule
// right
module t(input signed [7:0] a, output [15:0] y); assign y = a[7:0] * 8'd0 + ({56'd0, a} * 64'hfffffffffffffffd) + 205; endmodule
// wrong
module t(input signed [7:0] a, output [15:0] y); assign y = a * -3 + 205; endmodule
//// bit and logic parameters with a sign
module t(input signed [3:0] a, output y, z);
  sub #(.T(-2)) u(a, y); sub2 #(.T(-2)) v(a, z);
endmodule
module sub #(parameter logic signed [3:0] T = 0)(input signed [3:0] a, output y); assign y = a < T; endmodule
module sub2 #(parameter bit [3:0] T = 0)(input signed [3:0] a, output y); assign y = a < T; endmodule
// right
module t(input signed [3:0] a, output y, z); assign y = a < -2; assign z = a[3:0] < 14; endmodule
// wrong
module t(input signed [3:0] a, output y, z); assign y = a[3:0] < 14; assign z = a[3:0] < 14; endmodule
//// array parameter
module t(input [1:0] a, output [7:0] y); sub #(.T('{8'd9, 8'd8, 8'd7, 8'd1})) u(a, y); endmodule
module sub #(parameter logic [7:0] T [0:3] = '{default: 0})(input [1:0] a, output [7:0] y); assign y = T[a]; endmodule
// right
module t(input [1:0] a, output [7:0] y); assign y = a == 0 ? 9 : a == 1 ? 8 : a == 2 ? 7 : 1; endmodule
// wrong
module t(input [1:0] a, output [7:0] y); assign y = a == 3 ? 9 : a == 2 ? 8 : a == 1 ? 7 : 1; endmodule
//// string parameter
module t(input [3:0] a, output [3:0] y, z); sub #(.MODE("FAST")) u(a, y); sub v(a, z); endmodule
module sub #(parameter string MODE = "SLOW")(input [3:0] a, output logic [3:0] y);
  generate if (MODE == "FAST") begin assign y = a + 1; end else begin always_comb y = MODE == "SLOW" ? a + 2 : a; end endgenerate
endmodule
// right
module t(input [3:0] a, output [3:0] y, z); assign y = a + 1; assign z = a + 2; endmodule
// wrong
module t(input [3:0] a, output [3:0] y, z); assign y = a + 2; assign z = a + 1; endmodule
//// parameter without a default
module t(input [3:0] a, output [7:0] y); sub #(.W(8)) u(.a(a), .y(y)); endmodule
module sub #(parameter W)(input [3:0] a, output [W-1:0] y); assign y = a + W; endmodule
// right
module t(input [3:0] a, output [7:0] y); assign y = a + 8; endmodule
// wrong
module t(input [3:0] a, output [7:0] y); assign y = a + 4; endmodule
//// real constants
module t(input [7:0] a, output [7:0] y);
  localparam real F = 48.0e6, B = 9600.0; localparam int DIV = $rtoi($ceil(F / (16.0 * B)));
  localparam int K = 2.5 * 3; localparam R = $rtoi($floor(-2.5)) + $rtoi($ln(100.0)) + $rtoi($pow(2.0, 3.0));
  assign y = a + DIV + K + R;
endmodule
// right
module t(input [7:0] a, output [7:0] y); assign y = a + 313 + 8 - 3 + 4 + 8; endmodule
// wrong
module t(input [7:0] a, output [7:0] y); assign y = a + 312 + 8 - 3 + 4 + 8; endmodule
//// type parameter
module t(input [7:0] a, output [7:0] y, z);
  sub #(.T(logic signed [3:0])) u(a[3:0], y); sub #(logic [3:0]) v(a[3:0], z);
endmodule
module sub #(parameter type T = bit)(input T a, output [7:0] y); T b; assign b = a; assign y = b; endmodule
// right
module t(input [7:0] a, output [7:0] y, z); assign y = {{4{a[3]}}, a[3:0]}; assign z = a[3:0]; endmodule
// wrong
module t(input [7:0] a, output [7:0] y, z); assign y = a[3:0]; assign z = a[3:0]; endmodule
//// dependent parameters and $clog2
module t(input [9:0] a, output [9:0] y, output [3:0] n);
  fifo #(.DEPTH(20)) f(.a(a), .y(y), .n(n));
endmodule
module fifo #(parameter int DEPTH = 8, localparam int AW = $clog2(DEPTH), parameter logic [AW:0] TOP = DEPTH - 1)
  (input [9:0] a, output [9:0] y, output [3:0] n);
  assign y = a[AW-1:0] > TOP ? TOP : a[AW-1:0]; assign n = AW;
endmodule
// right
module t(input [9:0] a, output [9:0] y, output [3:0] n); assign y = a[4:0] > 19 ? 19 : a[4:0]; assign n = 5; endmodule
// wrong
module t(input [9:0] a, output [9:0] y, output [3:0] n); assign y = a[4:0] > 20 ? 20 : a[4:0]; assign n = 5; endmodule
//// structure parameter
module t(input [3:0] a, output [7:0] y);
  typedef struct packed { logic [3:0] gain; logic signed [3:0] off; } conf;
  localparam conf C = '{gain: 3, off: -2};
  assign y = a * C.gain + 8'(C.off);
endmodule
// right
module t(input [3:0] a, output [7:0] y); assign y = a * 3 - 2; endmodule
// wrong
module t(input [3:0] a, output [7:0] y); assign y = a * 3 + 14; endmodule
//// enumerations stepped through
module t(input clk, rst, input up, output logic [1:0] y);
  typedef enum logic [1:0] {A = 0, B = 2, C = 3} e; e s;
  always_ff @(posedge clk) if (rst) s <= A; else s <= up ? s.next() : s.prev();
  assign y = s;
endmodule
// right
module t(input clk, rst, input up, output reg [1:0] y);
  always @(posedge clk) if (rst) y <= 0; else case (y) 0: y <= up ? 2 : 3; 2: y <= up ? 3 : 0; 3: y <= up ? 0 : 2; endcase
endmodule
// wrong
module t(input clk, rst, input up, output reg [1:0] y);
  always @(posedge clk) if (rst) y <= 0; else case (y) 0: y <= up ? 2 : 3; 2: y <= up ? 3 : 0; 3: y <= up ? 2 : 0; endcase
endmodule
//// generated instances of different widths
module t(input [5:0] a, output [5:0] y);
  genvar i;
  generate for (i = 1; i < 4; i = i + 1) begin : g
    localparam L = i * (i - 1) / 2;
    inv #(.W(i), .S(i == 2)) u(.a(a[L +: i]), .y(y[L +: i]));
  end endgenerate
endmodule
module inv #(parameter W = 1, parameter bit S = 0)(input [W-1:0] a, output logic [W-1:0] y); always_comb y = S ? a : ~a; endmodule
// right
module t(input [5:0] a, output [5:0] y); assign y = {~a[5:3], a[2:1], ~a[0]}; endmodule
// wrong
module t(input [5:0] a, output [5:0] y); assign y = {~a[5:3], ~a[2:1], ~a[0]}; endmodule
//// a computed one without a type in a concatenation
module t(input [3:0] a, output [39:0] y, output [67:0] z); localparam P = 1 + 2, Q = P * 2; assign y = {a, P}, z = {{2{Q}}, a}; endmodule
// right
module t(input [3:0] a, output [39:0] y, output [67:0] z); assign y = {4'd0, a, 32'd3}, z = {32'd6, 32'd6, a}; endmodule
// wrong
module t(input [3:0] a, output [39:0] y, output [67:0] z); assign y = {3'd0, a, 33'd3}, z = {32'd6, 32'd6, a}; endmodule
//// one without a type that instances give other values
module t(input [3:0] a, output [39:0] y, z, output [11:0] v); s #(.P(1 + 2)) u(a, y); s #(2 * 3) w(a, z); s #(.P(8'd9)) x(a, v); endmodule
module s #(parameter P = 7) (input [3:0] a, output [39:0] y); assign y = {a, P}; endmodule
// right
module t(input [3:0] a, output [39:0] y, z, output [11:0] v); assign y = {4'd0, a, 32'd3}, z = {4'd0, a, 32'd6}, v = {a, 8'd9}; endmodule
// wrong
module t(input [3:0] a, output [39:0] y, z, output [11:0] v); assign y = {4'd0, a, 32'd3}, z = {3'd0, a, 33'd6}, v = {a, 8'd9}; endmodule
//// computed ones in a concatenation, written in other ways
module t(input [3:0] a, output [35:0] p, q, r, s, u, v);
  localparam P = 4 | 3, Q = (4 == 4) + 2, R = 3 * 5; localparam signed S = (1 + 2) * 1; localparam U = /* , */ 5 - 3, V = 6;
  assign p = {a, (P)}, q = {a, a[0] ? Q : Q}, r = {a, /* a */ R}, s = {a, S}, u = {a, U + 0}, v = {a, V + P};
endmodule
// right
module t(input [3:0] a, output [35:0] p, q, r, s, u, v);
  assign p = {a, 32'd7}, q = {a, 32'd3}, r = {a, 32'd15}, s = {a, 32'd3}, u = {a, 32'd2}, v = {a, 32'd13};
endmodule
// wrong
module t(input [3:0] a, output [35:0] p, q, r, s, u, v);
  assign p = {a, 32'd7}, q = {3'd0, 33'd3}, r = {a, 32'd15}, s = {a, 32'd3}, u = {a, 32'd2}, v = {a, 32'd13};
endmodule
//// a computed one handed on to an instance
module t(input [3:0] a, output [35:0] y, z, v); localparam W = 1 + 2; s #(.P(W)) b(a, y); s #((1 + 2) * 2) c(a, z); s #(.P(4 | 3)) d(a, v); endmodule
module s #(parameter P = 7) (input [3:0] a, output [35:0] y); assign y = {a, P}; endmodule
// right
module t(input [3:0] a, output [35:0] y, z, v); assign y = {a, 32'd3}, z = {a, 32'd6}, v = {a, 32'd7}; endmodule
// wrong
module t(input [3:0] a, output [35:0] y, z, v); assign y = {3'd0, 33'd3}, z = {a, 32'd6}, v = {a, 32'd7}; endmodule
//// sums of computed ones, and in parentheses, in a concatenation
module t(input [3:0] a, output [39:0] y, z, w);
  localparam /* three */ P = (1) + (2), Q = 4;
  assign y = {a, P + Q}, z = {a, (P)}, w = {a, ~P};
endmodule
// right
module t(input [3:0] a, output [39:0] y, z, w); assign y = {4'd0, a, 32'd7}, z = {4'd0, a, 32'd3}, w = {4'd0, a, 32'hfffffffc}; endmodule
// wrong
module t(input [3:0] a, output [39:0] y, z, w); assign y = {3'd0, a, 33'd7}, z = {4'd0, a, 32'd3}, w = {4'd0, a, 32'hfffffffc}; endmodule
//// one without a type that is given a computed one
module t(input [3:0] a, output [39:0] y, z, w);
  localparam W = 1 + 2;
  s #(.P(W)) u(a, y); s #(.P(((W) & (7)))) v(a, z); s #(W | 8) x(a, w);
endmodule
module s #(parameter P = 7) (input [3:0] a, output [39:0] y); assign y = {a, P /* three, or eleven */}; endmodule
// right
module t(input [3:0] a, output [39:0] y, z, w); assign y = {4'd0, a, 32'd3}, z = {4'd0, a, 32'd3}, w = {4'd0, a, 32'd11}; endmodule
// wrong
module t(input [3:0] a, output [39:0] y, z, w); assign y = {3'd0, a, 33'd3}, z = {3'd0, a, 33'd3}, w = {4'd0, a, 32'd11}; endmodule
//// a computed one that counts copies
module t(input [3:0] a, output [15:0] y, z); localparam P = 1 + 2; assign y = {P{a}}, z = {a, {P - 1{a}}}; endmodule
// right
module t(input [3:0] a, output [15:0] y, z); assign y = {4'd0, a, a, a}, z = {4'd0, a, a, a}; endmodule
// wrong
module t(input [3:0] a, output [15:0] y, z); assign y = {4'd0, a, a, a}, z = {a, a, a, a}; endmodule
