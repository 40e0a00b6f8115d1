//// package imported in the header
package p; localparam int W = 5; typedef logic [W-1:0] w_t; function automatic w_t inc(input w_t v); return v + 1'b1; endfunction endpackage
module t import p::*; (input w_t a, output w_t y); assign y = inc(a); endmodule
// right
module t(input [4:0] a, output [4:0] y); assign y = a + 1; endmodule
// wrong
module t(input [4:0] a, output [4:0] y); assign y = a + 2; endmodule
//// literals of an enumeration imported by name
package p; typedef enum logic [1:0] {IDLE, RUN = 2, STOP} st_t; endpackage
module t import p::IDLE, p::RUN, p::st_t; (input clk, rst, go, output logic [1:0] y);
  st_t s; always_ff @(posedge clk) if (rst) s <= IDLE; else case (s) IDLE: if (go) s <= RUN; RUN: s <= p::STOP; default: s <= IDLE; endcase
  assign y = s;
endmodule
// right
module t(input clk, rst, go, output reg [1:0] y);
  always @(posedge clk) if (rst) y <= 0; else case (y) 0: if (go) y <= 2; 2: y <= 3; default: y <= 0; endcase endmodule
// wrong
module t(input clk, rst, go, output reg [1:0] y);
  always @(posedge clk) if (rst) y <= 0; else case (y) 0: if (go) y <= 2; 2: y <= 1; default: y <= 0; endcase endmodule
//// package that uses another one
package p; parameter N = 3; typedef struct packed { logic [N-1:0] v; logic s; } e_t; endpackage
package q; import p::*; export p::e_t; function automatic e_t neg(input e_t e); e_t r = e; r.s = ~e.s; return r; endfunction endpackage
module t(input [3:0] a, output [3:0] y); import q::*; assign y = neg(e_t'(a)); endmodule
// right
module t(input [3:0] a, output [3:0] y); assign y = a ^ 1; endmodule
// wrong
module t(input [3:0] a, output [3:0] y); assign y = a ^ 8; endmodule
//// names by their package
package p; localparam [3:0] K [4] = '{1, 2, 4, 7}; endpackage
module t(input [1:0] i, output [3:0] y); assign y = p::K[i]; endmodule
// right
module t(input [1:0] i, output [3:0] y); assign y = i == 3 ? 7 : 1 << i; endmodule
// wrong
module t(input [1:0] i, output [3:0] y); assign y = 1 << i; endmodule
//// package with a parameterised default and two modules
package cfg; localparam W = 4; localparam logic [W-1:0] MASK = W'('hA); endpackage
module low import cfg::*; #(parameter int N = W) (input [N-1:0] a, output [N-1:0] y); assign y = a & MASK; endmodule
module t(input [3:0] a, output [3:0] y); wire [3:0] m; low u(.a, .y(m)); assign y = m | cfg::MASK >> 1; endmodule
// right
module t(input [3:0] a, output [3:0] y); assign y = a & 4'ha | 4'h5; endmodule
// wrong
module t(input [3:0] a, output [3:0] y); assign y = (a | 4'h5) & 4'ha; endmodule
//// types and functions outside of everything
typedef logic signed [4:0] n_t;
function automatic n_t half(input n_t v); return v >>> 1; endfunction
localparam n_t BIAS = -5'sd2;
module t(input n_t a, output n_t y); assign y = half(a) + BIAS; endmodule
// right
module t(input signed [4:0] a, output signed [4:0] y); assign y = (a >>> 1) - 2; endmodule
// wrong
module t(input [4:0] a, output [4:0] y); assign y = (a >> 1) - 2; endmodule
//// package with a let, an enumeration and a constant function
package p; let dbl(x) = x << 1; typedef enum {ZERO, ONE, TWO} k_t; function automatic int w(int n); return $clog2(n) + 1; endfunction endpackage
module t import p::*; #(parameter W = w(6)) (input [W-1:0] a, output [W:0] y); assign y = dbl({1'b0, a}) + TWO; endmodule
// right
module t(input [3:0] a, output [4:0] y); assign y = 2 * a + 2; endmodule
// wrong
module t(input [3:0] a, output [4:0] y); assign y = 2 * a + 1; endmodule
//// wildcard import with a name of its own in front
package p; localparam K = 3; localparam M = 1; endpackage
module t(input [3:0] a, output [3:0] y); import p::*; localparam K = 5; assign y = a + K + M; endmodule
// right
module t(input [3:0] a, output [3:0] y); assign y = a + 6; endmodule
// wrong
module t(input [3:0] a, output [3:0] y); assign y = a + 4; endmodule
