//// ports by .* and .name
module add(input [3:0] a, b, input c, output [4:0] s); assign s = a + b + c; endmodule
module t(input [3:0] a, b, output [4:0] s); wire c = a[0]; add u(.*); endmodule
// right
module t(input [3:0] a, b, output [4:0] s); assign s = a + b + a[0]; endmodule
// wrong
module t(input [3:0] a, b, output [4:0] s); assign s = a + b; endmodule
//// .name beside .*
module m(input [3:0] x, y, input k, output logic [3:0] z, w); assign z = k ? x : y; assign w = ~z; endmodule
module t(input [3:0] x, y, output [3:0] z); logic [3:0] w; wire sel = ^x; m u(.k(sel), .w(), .x, .*); endmodule
// right
module t(input [3:0] x, y, output [3:0] z); assign z = ^x ? x : y; endmodule
// wrong
module t(input [3:0] x, y, output [3:0] z); assign z = ^x ? y : x; endmodule
//// ports with default values
module m(input [3:0] a, input [3:0] b = 4'd6, input logic inv = 1'b1, output [3:0] y); assign y = (a + b) ^ {4{inv}}; endmodule
module t(input [3:0] a, output [3:0] x, y); m u(.a(a), .y(x)); m v(.a(a), .inv(1'b0), .y(y)); endmodule
// right
module t(input [3:0] a, output [3:0] x, y); wire [3:0] s = a + 6; assign x = ~s, y = s; endmodule
// wrong
module t(input [3:0] a, output [3:0] x, y); wire [3:0] s = a + 6; assign x = s, y = s; endmodule
//// ports with default values at the top
module t(input [3:0] a, input [3:0] b = 4'd6, output logic [3:0] y = 4'd0); always_comb y = a + b; endmodule
// right
module t(input [3:0] a, b, output [3:0] y); assign y = a + b; endmodule
// wrong
module t(input [3:0] a, b, output [3:0] y); assign y = a + 6; endmodule
//// outputs with initial values
module t(input clk, input d, output logic [2:0] y = 3'd5, output reg z = 0); always_ff @(posedge clk) begin y <= {y[1:0], d}; z <= ~z; end endmodule
// right
module t(input clk, input d, output [2:0] y, output z); reg [2:0] q; reg n; initial begin q = 5; n = 0; end
  always @(posedge clk) begin q <= {q[1:0], d}; n <= ~n; end assign y = q, z = n; endmodule
// wrong
module t(input clk, input d, output [2:0] y, output z); reg [2:0] q; reg n; initial begin q = 5; n = 1; end
  always @(posedge clk) begin q <= {q[1:0], d}; n <= ~n; end assign y = q, z = n; endmodule
//// array ports between modules
module rev(input logic [1:0] i [0:3], output logic [1:0] o [3:0]); always_comb foreach (i[k]) o[k] = i[k]; endmodule
module t(input [7:0] a, output [7:0] y);
  logic [1:0] m [4], n [0:3]; assign {m[0], m[1], m[2], m[3]} = a; rev u(m, n); assign y = {n[0], n[1], n[2], n[3]};
endmodule
// right
module t(input [7:0] a, output [7:0] y); assign y = {a[1:0], a[3:2], a[5:4], a[7:6]}; endmodule
// wrong
module t(input [7:0] a, output [7:0] y); assign y = a; endmodule
//// unpacked structure ports
package p; typedef struct { logic [2:0] n; logic v; } s_t; endpackage
module m import p::*; (input s_t i, output s_t o); assign o.n = i.v ? i.n + 3'd1 : i.n; assign o.v = ~i.v; endmodule
module t(input [3:0] a, output [3:0] y); p::s_t i, o; assign i.n = a[3:1]; assign i.v = a[0]; m u(.*); assign y = {o.n, o.v}; endmodule
// right
module t(input [3:0] a, output [3:0] y); assign y = {a[3:1] + {2'd0, a[0]}, ~a[0]}; endmodule
// wrong
module t(input [3:0] a, output [3:0] y); assign y = {a[3:1], ~a[0]}; endmodule
//// packed multi-dimensional ports of the top
module t(input [1:0][3:0] a, input [2:1][1:0] k, output [1:0][3:0] y); assign y[0] = a[1] + k[1]; assign y[1] = a[0] - k[2]; endmodule
// right
module t(input [7:0] a, input [3:0] k, output [7:0] y); assign y[3:0] = a[7:4] + k[1:0]; assign y[7:4] = a[3:0] - k[3:2]; endmodule
// wrong
module t(input [7:0] a, input [3:0] k, output [7:0] y); assign y[3:0] = a[3:0] + k[1:0]; assign y[7:4] = a[7:4] - k[3:2]; endmodule
//// non-ANSI ports
module t(a, b, y, z); input [3:0] a; input b; output [3:0] y; output z; reg [3:0] y; wire z;
  always @(a or b) if (b) y = ~a; else y = a; assign z = ^y; endmodule
// right
module t(input [3:0] a, input b, output [3:0] y, output z); assign y = a ^ {4{b}}; assign z = ^y; endmodule
// wrong
module t(input [3:0] a, input b, output [3:0] y, output z); assign y = a ^ {4{b}}; assign z = ^a ^ b; endmodule
//// non-ANSI ports that are expressions
module m({a, b}, .y(q), .z(r[1:0])); input [1:0] a; input b; output q; output [2:0] r; assign q = ^a ^ b; assign r = {b, a}; endmodule
module t(input [2:0] v, output y, output [1:0] z); m u(v, y, z); endmodule
// right
module t(input [2:0] v, output y, output [1:0] z); assign y = ^v; assign z = v[2:1]; endmodule
// wrong
module t(input [2:0] v, output y, output [1:0] z); assign y = ^v; assign z = v[1:0]; endmodule
//// defparam [guarded]
module m #(parameter K = 1) (input [3:0] a, output [3:0] y); assign y = a + K; endmodule
module t(input [3:0] a, output [3:0] y); m u(a, y); defparam u.K = 5; endmodule
// right
module t(input [3:0] a, output [3:0] y); assign y = a + 5; endmodule
// wrong
module t(input [3:0] a, output [3:0] y); assign y = a + 1; endmodule
//// array of instances with vectors
module fa(input a, b, ci, output s, co); assign {co, s} = a + b + ci; endmodule
module t(input [3:0] a, b, output [4:0] y); wire [4:0] c; assign c[0] = 0; fa u [3:0] (a, b, c[3:0], y[3:0], c[4:1]); assign y[4] = c[4]; endmodule
// right
module t(input [3:0] a, b, output [4:0] y); assign y = a + b; endmodule
// wrong
module t(input [3:0] a, b, output [4:0] y); assign y = {1'b0, a ^ b}; endmodule
//// array of instances over arrays
module inv(input [2:0] a, output [2:0] y); assign y = ~a; endmodule
module t(input [5:0] a, output [5:0] y); wire [2:0] i [2], o [2]; assign i[0] = a[2:0]; assign i[1] = a[5:3]; inv u [2] (.a(i), .y(o)); assign y = {o[0], o[1]}; endmodule
// right
module t(input [5:0] a, output [5:0] y); assign y = ~{a[2:0], a[5:3]}; endmodule
// wrong
module t(input [5:0] a, output [5:0] y); assign y = ~a; endmodule
//// upward and downward names [guarded]
module leaf(input [3:0] a, output [3:0] y); wire [3:0] in = a ^ 4'd9; assign y = in; endmodule
module t(input [3:0] a, output [3:0] y, z); leaf u(.a(a), .y(y)); assign z = u.in + 4'd1; endmodule
// right
module t(input [3:0] a, output [3:0] y, z); assign y = a ^ 9, z = (a ^ 9) + 1; endmodule
// wrong
module t(input [3:0] a, output [3:0] y, z); assign y = a ^ 9, z = (a ^ 9) - 1; endmodule
//// ports narrower and wider than what they are connected with
module m(input [3:0] a, output [3:0] y); assign y = a + 4'd1; endmodule
module t(input [1:0] a, input [5:0] b, output [7:0] y, output [1:0] z); m u(.a(a), .y(y)); m v(.a(b), .y({z})); endmodule
// right
module t(input [1:0] a, input [5:0] b, output [7:0] y, output [1:0] z); wire [3:0] s = a + 1; assign y = s; assign z = b + 1; endmodule
// wrong
module t(input [1:0] a, input [5:0] b, output [7:0] y, output [1:0] z); wire [3:0] s = a + 1; assign y = s; assign z = b; endmodule
//// signed ports of an instance
module m(input signed [3:0] a, output signed [7:0] y); assign y = a * 3; endmodule
module t(input [3:0] a, output [9:0] y); wire signed [7:0] w; m u(a, w); assign y = w; endmodule
// right
module t(input signed [3:0] a, output [9:0] y); assign y = a * 3; endmodule
// wrong
module t(input [3:0] a, output [9:0] y); assign y = a * 3; endmodule
//// implicit nets between instances
module inv(input a, output y); assign y = ~a; endmodule
module t(input a, output y); inv u(a, mid); inv v(mid, late); assign last = late; inv w(last, y); endmodule
// right
module t(input a, output y); assign y = ~a; endmodule
// wrong
module t(input a, output y); assign y = a; endmodule
//// parameters by name, by order, and local ones that follow
module m #(parameter int W = 4, parameter logic [W-1:0] INIT = 1, localparam H = W / 2) (input [W-1:0] a, output [H-1:0] y); assign y = (a ^ INIT) >> H; endmodule
module t(input [7:0] a, output [1:0] x, output [3:0] y); m u(a[3:0], x); m #(.W(8), .INIT(8'h50)) v(a, y); endmodule
// right
module t(input [7:0] a, output [1:0] x, output [3:0] y); assign x = a[3:2], y = a[7:4] ^ 5; endmodule
// wrong
module t(input [7:0] a, output [1:0] x, output [3:0] y); assign x = a[3:2], y = a[7:4]; endmodule
//// output ports of variables in every style
module t(input clk, input [3:0] a, output var logic [3:0] w, output integer x, output bit [1:0] y, output wire logic z);
  always_comb w = ~a; assign z = a[0]; always @(posedge clk) begin x <= a; y <= a[1:0]; end
endmodule
// right
module t(input clk, input [3:0] a, output [3:0] w, output reg [31:0] x, output reg [1:0] y, output z);
  assign w = ~a, z = a[0]; initial y = 0; always @(posedge clk) begin x <= a; y <= a; end endmodule
// wrong
module t(input clk, input [3:0] a, output [3:0] w, output reg [31:0] x, output reg [1:0] y, output z);
  assign w = ~a, z = a[0]; initial y = 0; always @(posedge clk) begin x <= {{28{a[3]}}, a}; y <= a; end endmodule
//// modules declared in front, behind, and with an end label
module t(input [3:0] a, output [3:0] y); second s(.a, .y); endmodule : t
module second(input [3:0] a, output [3:0] y); third u(.y, .a); endmodule : second
module third(input [3:0] a, output [3:0] y); assign y = a - 1; endmodule : third
// right
module t(input [3:0] a, output [3:0] y); assign y = a - 1; endmodule
// wrong
module t(input [3:0] a, output [3:0] y); assign y = a + 1; endmodule
//// ports with default values by .* and order
module m(input [1:0] a = 2'd1, b = 2'd2, output [3:0] y); assign y = {a, b}; endmodule
module t(input [1:0] a, output [3:0] x, y, z); m u(, a, x); m v(.a, .y(y)); m w(a, , z); endmodule
// right
module t(input [1:0] a, output [3:0] x, y, z); assign x = {2'd1, a}, y = {a, 2'd2}, z = {a, 2'd2}; endmodule
// wrong
module t(input [1:0] a, output [3:0] x, y, z); assign x = {2'd0, a}, y = {a, 2'd2}, z = {a, 2'd2}; endmodule
//// default values from parameters and packages
package k; localparam logic [2:0] D = 5; endpackage
module m #(parameter logic [2:0] P = 3) (input [2:0] a, input [2:0] b = P ^ k::D, output [2:0] y); assign y = a + b; endmodule
module t(input [2:0] a, output [2:0] x, y); m u(.a, .y(x)); m #(.P(0)) v(.a, .y); endmodule
// right
module t(input [2:0] a, output [2:0] x, y); assign x = a + 6, y = a + 5; endmodule
// wrong
module t(input [2:0] a, output [2:0] x, y); assign x = a + 6, y = a + 6; endmodule
