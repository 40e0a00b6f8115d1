//// structure of unpacked arrays with defaults
module t(input clk, rst, input [1:0] i, input [2:0] d, output [2:0] y);
  typedef struct { logic [2:0] m [4]; logic v; } s_t; s_t s;
  always_ff @(posedge clk) if (rst) s <= '{default: 0}; else begin s.m[i] <= d; s.v <= 1; end
  assign y = s.v ? s.m[~i] : 3'd7;
endmodule
// right
module t(input clk, rst, input [1:0] i, input [2:0] d, output [2:0] y); reg [2:0] m [0:3]; reg v; integer k;
  always @(posedge clk) if (rst) begin v <= 0; for (k = 0; k < 4; k = k + 1) m[k] <= 0; end else begin m[i] <= d; v <= 1; end
  assign y = v ? m[~i] : 7; endmodule
// wrong
module t(input clk, rst, input [1:0] i, input [2:0] d, output [2:0] y); reg [2:0] m [0:3]; reg v; integer k;
  always @(posedge clk) if (rst) begin v <= 0; for (k = 0; k < 4; k = k + 1) m[k] <= 0; end else begin m[i] <= d; v <= 1; end
  assign y = v ? m[i] : 7; endmodule
//// shift of a whole array
module t(input clk, input [2:0] d, output [2:0] y);
  logic [2:0] p [0:3]; always_ff @(posedge clk) begin p[0] <= d; p[1:3] <= p[0:2]; end assign y = p[3];
endmodule
// right
module t(input clk, input [2:0] d, output [2:0] y); reg [11:0] p; always @(posedge clk) p <= {p[8:0], d}; assign y = p[11:9]; endmodule
// wrong
module t(input clk, input [2:0] d, output [2:0] y); reg [11:0] p; always @(posedge clk) p <= {p[8:0], d}; assign y = p[8:6]; endmodule
//// choice between structures, and their equality
module t(input [3:0] a, b, input s, output [3:0] y, output e);
  typedef struct { logic [1:0] p; logic [1:0] q; } s_t; s_t u, v, w; assign u = '{a[3:2], a[1:0]}; assign v = '{p: b[3:2], q: b[1:0]};
  assign w = s ? u : v; assign y = {w.q, w.p}; assign e = u == v;
endmodule
// right
module t(input [3:0] a, b, input s, output [3:0] y, output e); wire [3:0] w = s ? a : b; assign y = {w[1:0], w[3:2]}, e = a == b; endmodule
// wrong
module t(input [3:0] a, b, input s, output [3:0] y, output e); wire [3:0] w = s ? a : b; assign y = w, e = a == b; endmodule
//// assignment inside of an expression
module t(input [3:0] a, output logic [3:0] y, z); always_comb begin if ((y = a + 4'd1) > 4'd7) z = 1; else z = y; end endmodule
// right
module t(input [3:0] a, output [3:0] y, z); assign y = a + 1, z = y > 7 ? 1 : y; endmodule
// wrong
module t(input [3:0] a, output [3:0] y, z); assign y = a + 1, z = a > 7 ? 1 : y; endmodule
//// select of a concatenation
module t(input [3:0] a, b, output [3:0] y, output z); assign y = {a, b}[5:2]; assign z = {a[0], b}[4]; endmodule
// right
module t(input [3:0] a, b, output [3:0] y, output z); assign y = {a[1:0], b[3:2]}, z = a[0]; endmodule
// wrong
module t(input [3:0] a, b, output [3:0] y, output z); assign y = {a[1:0], b[3:2]}, z = b[3]; endmodule
//// negative indices
module t(input [-2:2] a, input [3:-1] b, output [2:-2] y); assign y[0] = a[-2]; assign y[2:1] = b[0:-1]; assign y[-1 -: 2] = a[0 +: 2]; endmodule
// right
module t(input [4:0] a, b, output [4:0] y); assign y = {b[1:0], a[4], a[2:1]}; endmodule
// wrong
module t(input [4:0] a, b, output [4:0] y); assign y = {b[1:0], a[0], a[2:1]}; endmodule
//// ascending vectors and parts
module t(input [0:7] a, input [1:0] i, output [0:3] y, output [1:0] z); assign y = a[2:5]; assign z = a[i*2 +: 2]; endmodule
// right
module t(input [7:0] a, input [1:0] i, output [3:0] y, output [1:0] z); assign y = a[5:2], z = a >> (6 - 2 * i); endmodule
// wrong
module t(input [7:0] a, input [1:0] i, output [3:0] y, output [1:0] z); assign y = a[5:2], z = a >> (2 * i); endmodule
//// numbers of more than 32 bits
module t(input [3:0] a, output [71:0] y, output [63:0] z); assign y = 72'h12_3456789a_bcdef012 + a; assign z = 64'd12345678901234567890 - a; endmodule
// right
module t(input [3:0] a, output [71:0] y, output [63:0] z); assign y = {8'h12, 32'h3456789a, 32'hbcdef012} + a, z = {32'hab54a98c, 32'heb1f0ad2} - a; endmodule
// wrong
module t(input [3:0] a, output [71:0] y, output [63:0] z); assign y = {8'h12, 32'h3456789a, 32'hbcdef012} + a, z = {32'hab54a98c, 32'heb1f0ad3} - a; endmodule
//// names with dollars, and names of automatic generate blocks
module t(input [3:0] a$b, output [3:0] y); for (genvar i = 0; i < 2; i++) begin wire [1:0] w$ = a$b[2*i +: 2]; assign y[2*i +: 2] = ~w$; end endmodule
// right
module t(input [3:0] a$b, output [3:0] y); assign y = ~a$b; endmodule
// wrong
module t(input [3:0] a$b, output [3:0] y); assign y = a$b; endmodule
//// strings in conditions of a generate
module m #(parameter string MODE = "slow", parameter [39:0] K = "fast") (input [1:0] a, output [1:0] y);
  if (MODE == "fast") assign y = a; else if (MODE == "slow" && K == "fast") assign y = ~a; else assign y = 0;
endmodule
module t(input [1:0] a, output [1:0] x, y, z); m u(a, x); m #("fast") v(a, y); m #(.MODE("none")) w(a, z); endmodule
// right
module t(input [1:0] a, output [1:0] x, y, z); assign x = ~a, y = a, z = 0; endmodule
// wrong
module t(input [1:0] a, output [1:0] x, y, z); assign x = a, y = a, z = 0; endmodule
//// iff, several edges and asynchronous resets
module t(input clk, rst_n, en, d, output logic q, r); always_ff @(posedge clk iff en, negedge rst_n) if (!rst_n) q <= 0; else q <= d; always_ff @(posedge clk or negedge rst_n) if (~rst_n) r <= 1; else r <= r ^ d; endmodule
// right
module t(input clk, rst_n, en, d, output reg q, r); always @(posedge clk or negedge rst_n) if (!rst_n) begin q <= 0; r <= 1; end else begin if (en) q <= d; r <= r ^ d; end endmodule
// wrong
module t(input clk, rst_n, en, d, output reg q, r); always @(posedge clk or negedge rst_n) if (!rst_n) begin q <= 0; r <= 1; end else begin q <= d; r <= r ^ d; end endmodule
//// parts of members of elements, at variable places
module t(input clk, rst, input [1:0] i, input [0:0] j, input [1:0] d, output [3:0] y);
  typedef struct packed { logic [3:0] a; logic [1:0] b; } e_t; e_t [3:0] v; 
  always_ff @(posedge clk) if (rst) v <= '0; else v[i].a[2*j +: 2] <= d; assign y = v[i].a;
endmodule
// right
module t(input clk, rst, input [1:0] i, input [0:0] j, input [1:0] d, output [3:0] y); reg [15:0] v;
  always @(posedge clk) if (rst) v <= 0; else v[4*i + 2*j +: 2] <= d; assign y = v[4*i +: 4]; endmodule
// wrong
module t(input clk, rst, input [1:0] i, input [0:0] j, input [1:0] d, output [3:0] y); reg [15:0] v;
  always @(posedge clk) if (rst) v <= 0; else v[4*i +: 2] <= d; assign y = v[4*i +: 4]; endmodule
//// functions of a parameterised class [guarded]
class ops #(parameter W = 4); static function automatic logic [W-1:0] rev(input logic [W-1:0] v); for (int i = 0; i < W; i++) rev[i] = v[W-1-i]; endfunction endclass
module t(input [3:0] a, input [5:0] b, output [3:0] y, output [5:0] z); assign y = ops#(4)::rev(a); assign z = ops#(6)::rev(b); endmodule
// right
module t(input [3:0] a, input [5:0] b, output [3:0] y, output [5:0] z); assign y = {a[0], a[1], a[2], a[3]}, z = {b[0], b[1], b[2], b[3], b[4], b[5]}; endmodule
// wrong
module t(input [3:0] a, input [5:0] b, output [3:0] y, output [5:0] z); assign y = a, z = {b[0], b[1], b[2], b[3], b[4], b[5]}; endmodule
//// foreach with a dimension left out
module t(input [11:0] a, output logic [11:0] y); logic [1:0][1:0][2:0] m; always_comb begin m = a; foreach (m[i,,k]) m[i][1][k] = m[i][0][k] ^ m[i][1][k]; y = m; end endmodule
// right
module t(input [11:0] a, output [11:0] y); assign y = {a[11:9] ^ a[8:6], a[8:6], a[5:3] ^ a[2:0], a[2:0]}; endmodule
// wrong
module t(input [11:0] a, output [11:0] y); assign y = {a[11:9] ^ a[8:6], a[8:6], a[5:3], a[2:0]}; endmodule
//// break and continue in do and repeat
module t(input [7:0] a, output logic [3:0] y, z);
  always_comb begin int i; i = 0; y = 0; do begin i++; if (a[i-1]) continue; y++; if (y == 3) break; end while (i < 8);
    i = 0; z = 0; repeat (8) begin if (a[i]) break; z++; i++; end end
endmodule
// right
module t(input [7:0] a, output reg [3:0] y, z); integer i;
  always @* begin y = 0; z = 0; for (i = 0; i < 8; i = i + 1) begin if (!a[i] && y < 3) y = y + 1; if (z == i && !a[i]) z = z + 1; end end endmodule
// wrong
module t(input [7:0] a, output reg [3:0] y, z); integer i;
  always @* begin y = 0; z = 0; for (i = 0; i < 8; i = i + 1) begin if (!a[i]) y = y + 1; if (z == i && !a[i]) z = z + 1; end end endmodule
//// return in tasks and void functions
module t(input clk, rst, input [1:0] c, output logic [3:0] y);
  task automatic step(input [1:0] k); if (k == 0) return; y <= y + k; if (k == 3) begin y <= 0; return; end endtask
  function void clear(); if (!rst) return; y <= 4'd9; endfunction
  always_ff @(posedge clk) begin step(c); clear(); end
endmodule
// right
module t(input clk, rst, input [1:0] c, output reg [3:0] y); always @(posedge clk) if (rst) y <= 9; else y <= c == 3 ? 0 : y + c; endmodule
// wrong
module t(input clk, rst, input [1:0] c, output reg [3:0] y); always @(posedge clk) if (rst) y <= 9; else y <= y + c; endmodule
//// nets of a structure type, and arrays of nets
module t(input [5:0] a, output [5:0] y); typedef struct packed { logic [3:0] h; logic [1:0] l; } s_t; wire s_t s = a; wire [2:0] n [0:1]; assign n[0] = s.h[2:0]; assign n[1] = {s.l, s.h[3]}; assign y = {n[0], n[1]}; endmodule
// right
module t(input [5:0] a, output [5:0] y); assign y = {a[4:2], a[1:0], a[5]}; endmodule
// wrong
module t(input [5:0] a, output [5:0] y); assign y = {a[4:2], a[5], a[1:0]}; endmodule
//// bit-stream casts of unpacked values
module t(input [7:0] a, output [7:0] y); typedef logic [1:0] arr_t [4]; typedef struct { logic [2:0] p; logic [4:0] q; } s_t; arr_t m; s_t s; assign m = arr_t'(a); assign s = s_t'(m); assign y = {s.q, s.p}; endmodule
// right
module t(input [7:0] a, output [7:0] y); assign y = {a[4:0], a[7:5]}; endmodule
// wrong
module t(input [7:0] a, output [7:0] y); assign y = {a[7:3], a[2:0]}; endmodule
//// arithmetic on enumerations by casts
module t(input clk, rst, output logic [1:0] y); typedef enum logic [1:0] {A, B, C} s_t; s_t s; always_ff @(posedge clk) if (rst) s <= A; else s <= s == C ? A : s_t'(s + 1'b1); assign y = s; endmodule
// right
module t(input clk, rst, output reg [1:0] y); always @(posedge clk) if (rst || y == 2) y <= 0; else y <= y + 1; endmodule
// wrong
module t(input clk, rst, output reg [1:0] y); always @(posedge clk) if (rst || y == 3) y <= 0; else y <= y + 1; endmodule
//// unit scope: time units, imports, parameters
timeunit 1ns; timeprecision 1ps;
package p; typedef logic [2:0] v_t; localparam K = 2; endpackage
import p::*;
parameter int ADD = K + 1;
module t(input v_t a, output v_t y); assign y = a + ADD; endmodule
// right
module t(input [2:0] a, output [2:0] y); assign y = a + 3; endmodule
// wrong
module t(input [2:0] a, output [2:0] y); assign y = a + 2; endmodule
//// select of a parameter and a table of structures
module t(input [1:0] i, output [5:0] y, output z); typedef struct packed { logic [3:0] n; logic [1:0] k; } r_t;
  localparam r_t T [4] = '{'{1, 2}, '{n: 3, k: 1}, '{default: 1}, '{4'd9, 2'd3}}; localparam [7:0] P = 8'hb4; assign y = {T[i].k, T[i].n}; assign z = P[i + 2];
endmodule
// right
module t(input [1:0] i, output [5:0] y, output z); assign y = i == 0 ? {2'd2, 4'd1} : i == 1 ? {2'd1, 4'd3} : i == 2 ? {2'd1, 4'd1} : {2'd3, 4'd9}; wire [7:0] p = 8'hb4; assign z = p[i + 4'd2]; endmodule
// wrong
module t(input [1:0] i, output [5:0] y, output z); assign y = i == 0 ? {2'd2, 4'd1} : i == 1 ? {2'd1, 4'd3} : i == 2 ? {2'd1, 4'd1} : {2'd3, 4'd9}; wire [7:0] p = 8'hb4; assign z = p[i + 4'd3]; endmodule
//// ports of both directions between modules
module drv(input e, input [1:0] d, inout [1:0] b); assign b = e ? d : 2'bzz; endmodule
module t(input e, input [1:0] c, d, output [1:0] y); wire [1:0] b; drv u(e, c, b), v(~e, d, b); assign y = b; endmodule
// right
module t(input e, input [1:0] c, d, output [1:0] y); assign y = e ? c : d; endmodule
// wrong
module t(input e, input [1:0] c, d, output [1:0] y); assign y = e ? d : c; endmodule
//// initial values of arrays and of variables by functions
module t(input clk, input [2:0] i, output logic [3:0] y, output logic [3:0] z);
  function automatic logic [3:0] f(input int n); return 4'(n * n); endfunction
  logic [3:0] rom [8]; initial for (int k = 0; k < 8; k++) rom[k] = f(k); logic [3:0] c = f(3);
  always_ff @(posedge clk) begin y <= rom[i]; c <= c - 1'b1; end assign z = c;
endmodule
// right
module t(input clk, input [2:0] i, output reg [3:0] y, output [3:0] z); reg [3:0] c; initial c = 9; always @(posedge clk) begin y <= i * i; c <= c - 1; end assign z = c; endmodule
// wrong
module t(input clk, input [2:0] i, output reg [3:0] y, output [3:0] z); reg [3:0] c; initial c = 3; always @(posedge clk) begin y <= i * i; c <= c - 1; end assign z = c; endmodule
//// anonymous types in ports
module t(input struct packed { logic [1:0] a; logic b; } i, input enum logic [1:0] {P, Q, R} k, output union packed { logic [2:0] w; logic [2:0] v; } y); assign y.w = k == Q ? {i.b, i.a} : ~{i.b, i.a}; endmodule
// right
module t(input [2:0] i, input [1:0] k, output [2:0] y); wire [2:0] w = {i[0], i[2:1]}; assign y = k == 1 ? w : ~w; endmodule
// wrong
module t(input [2:0] i, input [1:0] k, output [2:0] y); wire [2:0] w = {i[0], i[2:1]}; assign y = k == 2 ? w : ~w; endmodule
//// both edges of a clock, and a gated one
module t(input clk, en, d, output logic y, z); logic p, n; always_ff @(posedge clk) p <= d; always_ff @(negedge clk) n <= p; wire g = clk & en; always_ff @(posedge g) z <= d; assign y = p ^ n; endmodule
// right
module t(input clk, en, d, output y, output reg z); reg p, n; always @(posedge clk) p <= d; always @(negedge clk) n <= p; wire g = clk & en; always @(posedge g) z <= d; assign y = p ^ n; endmodule
// wrong
module t(input clk, en, d, output y, output reg z); reg p, n; always @(posedge clk) p <= d; always @(posedge clk) n <= p; wire g = clk & en; always @(posedge g) z <= d; assign y = p ^ n; endmodule
//// named events [guarded]
module t(input clk, d, output logic q); event e; logic s; always_ff @(posedge clk) begin s = d; -> e; end always @(e) q = s; endmodule
// right
module t(input clk, d, output reg q); always @(posedge clk) q <= d; endmodule
// wrong
module t(input clk, d, output reg q); always @(posedge clk) q <= ~d; endmodule
//// macros that make text of their arguments
`define NAME(x) `"x`"
`define PICK(v, hi, lo) v[hi:lo]
`define REP(n, e) {n{e}}
module t(input [7:0] a, output [15:0] y, output [7:0] z); assign y = `NAME(ok); assign z = `REP(2, `PICK(a, 5, 2)); endmodule
// right
module t(input [7:0] a, output [15:0] y, output [7:0] z); assign y = 16'h6f6b, z = {a[5:2], a[5:2]}; endmodule
// wrong
module t(input [7:0] a, output [15:0] y, output [7:0] z); assign y = 16'h6f6b, z = {a[4:1], a[5:2]}; endmodule
//// constants by functions with loops over arrays
module t(input [2:0] i, output [7:0] y); typedef logic [7:0] tab_t [8];
  function automatic tab_t crc(); for (int n = 0; n < 8; n++) begin logic [7:0] c; c = 8'(n); for (int k = 0; k < 3; k++) c = c[7] ? (c << 1) ^ 8'h1d : c << 2; crc[n] = c; end endfunction
  localparam tab_t T = crc(); assign y = T[i];
endmodule
// right
module t(input [2:0] i, output [7:0] y); function [7:0] f(input [7:0] c); f = c[7] ? (c << 1) ^ 8'h1d : c << 2; endfunction assign y = f(f(f(i))); endmodule
// wrong
module t(input [2:0] i, output [7:0] y); function [7:0] f(input [7:0] c); f = c[7] ? (c << 1) ^ 8'h1d : c << 2; endfunction assign y = f(f(i)); endmodule
//// two-dimensional memory of words with byte enables
module t(input clk, input [1:0] a, be, input [7:0] d, output [7:0] y); logic [1:0][3:0] m [4]; always_ff @(posedge clk) for (int b = 0; b < 2; b++) if (be[b]) m[a][b] <= d[4*b +: 4]; assign y = m[a]; endmodule
// right
module t(input clk, input [1:0] a, be, input [7:0] d, output [7:0] y); reg [3:0] h [0:3], l [0:3]; always @(posedge clk) begin if (be[0]) l[a] <= d[3:0]; if (be[1]) h[a] <= d[7:4]; end assign y = {h[a], l[a]}; endmodule
// wrong
module t(input clk, input [1:0] a, be, input [7:0] d, output [7:0] y); reg [3:0] h [0:3], l [0:3]; always @(posedge clk) begin if (be[1]) l[a] <= d[3:0]; if (be[0]) h[a] <= d[7:4]; end assign y = {h[a], l[a]}; endmodule
//// non-blocking to a concatenation and swapped values
module t(input clk, rst, input [3:0] d, output reg [1:0] a, b); always @(posedge clk) if (rst) {a, b} <= d; else {a, b} <= {b, a ^ d[1:0]}; endmodule
// right
module t(input clk, rst, input [3:0] d, output reg [1:0] a, b); always @(posedge clk) if (rst) begin a <= d[3:2]; b <= d[1:0]; end else begin a <= b; b <= a ^ d[1:0]; end endmodule
// wrong
module t(input clk, rst, input [3:0] d, output reg [1:0] a, b); always @(posedge clk) if (rst) begin a <= d[3:2]; b <= d[1:0]; end else begin a <= b; b <= b ^ d[1:0]; end endmodule
//// casez over a memory word and a function
module t(input [3:0] a, input [1:0] i, output logic [1:0] y); logic [3:0] m [4]; always_comb begin foreach (m[k]) m[k] = a ^ 4'(k); casez (m[i]) 4'b1???: y = 3; 4'b?1??: y = 2; 4'b??1?: y = 1; default: y = 0; endcase end endmodule
// right
module t(input [3:0] a, input [1:0] i, output [1:0] y); wire [3:0] w = a ^ i; assign y = w[3] ? 3 : w[2] ? 2 : w[1]; endmodule
// wrong
module t(input [3:0] a, input [1:0] i, output [1:0] y); wire [3:0] w = a; assign y = w[3] ? 3 : w[2] ? 2 : w[1]; endmodule
//// unsigned division, remainder and powers in signed parameters
module t #(parameter signed [7:0] N = -7, parameter int M = N / 2, parameter R = N % 4, parameter int P = (-2) ** 3) (input [3:0] a, output signed [7:0] x, y, z); assign x = M + $signed({1'b0, a}), y = R - $signed({1'b0, a}), z = P; endmodule
// right
module t(input [3:0] a, output [7:0] x, y, z); assign x = a - 3, y = -3 - a, z = -8; endmodule
// wrong
module t(input [3:0] a, output [7:0] x, y, z); assign x = a - 4, y = -3 - a, z = -8; endmodule
//// ternary that mixes signs and widths
module t(input s, input signed [3:0] a, input [3:0] b, input signed [5:0] c, output [7:0] x, y); assign x = s ? a : b; assign y = s ? a : c; endmodule
// right
module t(input s, input [3:0] a, b, input [5:0] c, output [7:0] x, y); assign x = s ? {4'd0, a} : b, y = s ? {{4{a[3]}}, a} : {{2{c[5]}}, c}; endmodule
// wrong
module t(input s, input [3:0] a, b, input [5:0] c, output [7:0] x, y); assign x = s ? {{4{a[3]}}, a} : b, y = s ? {{4{a[3]}}, a} : {{2{c[5]}}, c}; endmodule
//// replication of nothing, and of a parameter's count
module t #(parameter N = 4, W = 6) (input [N-1:0] a, output [W-1:0] y, output [N-1:0] z); assign y = {{(W-N){a[N-1]}}, a}; assign z = {{(N-4){1'b0}}, a}; endmodule
// right
module t(input [3:0] a, output [5:0] y, output [3:0] z); assign y = {a[3], a[3], a}, z = a; endmodule
// wrong
module t(input [3:0] a, output [5:0] y, output [3:0] z); assign y = a, z = a; endmodule
//// counters in every integer type
module t(input clk, rst, output [7:0] a, b, c); byte x; shortint unsigned y; integer z; always_ff @(posedge clk) if (rst) begin x <= 126; y <= 65534; z <= -2; end else begin x++; y++; z++; end assign a = x >>> 1, b = y[15:8], c = z < 0 ? 8'hff : z; endmodule
// right
module t(input clk, rst, output [7:0] a, b, c); reg [7:0] x; reg [15:0] y; reg [31:0] z; initial begin x = 0; y = 0; end
  always @(posedge clk) if (rst) begin x <= 126; y <= 65534; z <= -2; end else begin x <= x + 1; y <= y + 1; z <= z + 1; end assign a = {x[7], x[7:1]}, b = y[15:8], c = z[31] ? 255 : z[7:0]; endmodule
// wrong
module t(input clk, rst, output [7:0] a, b, c); reg [7:0] x; reg [15:0] y; reg [31:0] z; initial begin x = 0; y = 0; end
  always @(posedge clk) if (rst) begin x <= 126; y <= 65534; z <= -2; end else begin x <= x + 1; y <= y + 1; z <= z + 1; end assign a = {1'b0, x[7:1]}, b = y[15:8], c = z[31] ? 255 : z[7:0]; endmodule
//// union that is not packed
module t(input [7:0] a, output [7:0] y); typedef union { logic [7:0] w; logic [7:0] v; } u_t; u_t u; always_comb u.w = ~a; assign y = u.w; endmodule
// right
module t(input [7:0] a, output [7:0] y); assign y = ~a; endmodule
// wrong
module t(input [7:0] a, output [7:0] y); assign y = a; endmodule
//// sorted values by array methods of loops
module t(input [8:0] a, output [2:0] lo, hi); function automatic void order(inout logic [2:0] x, y); logic [2:0] s; if (x > y) begin s = x; x = y; y = s; end endfunction
  logic [2:0] m [3]; always_comb begin {m[2], m[1], m[0]} = a; order(m[0], m[1]); order(m[1], m[2]); order(m[0], m[1]); end assign lo = m[0], hi = m[2]; endmodule
// right
module t(input [8:0] a, output [2:0] lo, hi); wire [2:0] x = a[2:0], y = a[5:3], z = a[8:6], m = x < y ? x : y, n = x > y ? x : y; assign lo = m < z ? m : z, hi = n > z ? n : z; endmodule
// wrong
module t(input [8:0] a, output [2:0] lo, hi); wire [2:0] x = a[2:0], y = a[5:3], z = a[8:6], m = x < y ? x : y, n = x > y ? x : y; assign lo = m < z ? m : z, hi = n < z ? n : z; endmodule
//// static and automatic blocks with initial values
module t(input clk, input [2:0] d, output logic [3:0] y); always_ff @(posedge clk) begin automatic logic [3:0] s = d; static int n = 2; s += n[3:0]; n = n ^ 1; y <= s; end endmodule
// right
module t(input clk, input [2:0] d, output reg [3:0] y); reg n; initial n = 0; always @(posedge clk) begin y <= d + 2 + n; n <= ~n; end endmodule
// wrong
module t(input clk, input [2:0] d, output reg [3:0] y); always @(posedge clk) y <= d + 2; endmodule
//// side effects that a condition decides
module t(input clk, rst, input [2:0] s, output logic [3:0] n, output logic y);
  always_ff @(posedge clk) if (rst) begin n = 0; y = 0; end else begin if (s[0] && n++ > 4'd5) y = ~y; if (s[1] || n-- > 4'd2) y ^= s[2]; end
endmodule
// right
module t(input clk, rst, input [2:0] s, output reg [3:0] n, output reg y); reg [3:0] o;
  always @(posedge clk) if (rst) begin n = 0; y = 0; end else begin o = n; if (s[0]) begin n = n + 1; if (o > 5) y = ~y; end
    if (s[1]) y = y ^ s[2]; else begin o = n; n = n - 1; if (o > 2) y = y ^ s[2]; end end
endmodule
// wrong
module t(input clk, rst, input [2:0] s, output reg [3:0] n, output reg y); reg [3:0] o;
  always @(posedge clk) if (rst) begin n = 0; y = 0; end else begin o = n; n = n + 1; if (s[0]) begin if (o > 5) y = ~y; end
    if (s[1]) y = y ^ s[2]; else begin o = n; n = n - 1; if (o > 2) y = y ^ s[2]; end end
endmodule
//// side effects in a choice
module t(input clk, rst, input s, output logic [3:0] n, m); always_ff @(posedge clk) if (rst) begin n = 0; m = 0; end else begin automatic logic [3:0] k; k = s ? n++ : m++; n ^= k; end endmodule
// right
module t(input clk, rst, input s, output reg [3:0] n, m); reg [3:0] k; always @(posedge clk) if (rst) begin n = 0; m = 0; end else begin if (s) begin k = n; n = n + 1; end else begin k = m; m = m + 1; end n = n ^ k; end endmodule
// wrong
module t(input clk, rst, input s, output reg [3:0] n, m); reg [3:0] k; always @(posedge clk) if (rst) begin n = 0; m = 0; end else begin k = s ? n : m; n = n + 1; m = m + 1; n = n ^ k; end endmodule
//// functions with outputs that a condition decides
module t(input [3:0] a, input s, output logic [3:0] y, output logic z);
  function automatic logic take(input logic [3:0] v, output logic [3:0] o); o = ~v; return ^v; endfunction
  always_comb begin y = 4'd5; z = s && take(a, y); end
endmodule
// right
module t(input [3:0] a, input s, output [3:0] y, output z); assign y = s ? ~a : 5, z = s & ^a; endmodule
// wrong
module t(input [3:0] a, input s, output [3:0] y, output z); assign y = ~a, z = s & ^a; endmodule
//// assignments in conditions of several kinds
module t(input [3:0] a, b, output logic [3:0] y, z); always_comb begin y = 0; z = 0; case ((y = a ^ b)) 4'd3: z = y + 1; default: z = (y += 2) | 4'd1; endcase end endmodule
// right
module t(input [3:0] a, b, output [3:0] y, z); wire [3:0] x = a ^ b, w = x + 2; assign y = x == 3 ? x : w, z = x == 3 ? 4 : w | 1; endmodule
// wrong
module t(input [3:0] a, b, output [3:0] y, z); wire [3:0] x = a ^ b, w = x + 2; assign y = x, z = x == 3 ? 4 : w | 1; endmodule
//// hierarchical names through generate blocks into a function of a block
module t(input [1:0] a, output [1:0] y); if (1) begin : g function automatic logic f(input logic v); return ~v; endfunction wire w = f(a[0]); end assign y = {g.f(a[1]), g.w}; endmodule
// right
module t(input [1:0] a, output [1:0] y); assign y = ~a; endmodule
// wrong
module t(input [1:0] a, output [1:0] y); assign y = a; endmodule
//// bidirectional pads
module t(input oe, input [1:0] d, inout [1:0] p, output [1:0] i); assign p = oe ? d : 'z; assign i = p; endmodule
// right
module t(input oe, input [1:0] d, inout [1:0] p, output [1:0] i); bufif1 b0(p[0], d[0], oe), b1(p[1], d[1], oe); assign i = p; endmodule
// wrong
module t(input oe, input [1:0] d, inout [1:0] p, output [1:0] i); assign p = oe ? ~d : 2'bzz; assign i = p; endmodule
//// two clocks
module t(input ca, cb, d, output logic q); logic s, m; always_ff @(posedge ca) s <= d; always_ff @(posedge cb) {q, m} <= {m, s}; endmodule
// right
module t(input ca, cb, d, output reg q); reg s, m; always @(posedge ca) s <= d; always @(posedge cb) begin m <= s; q <= m; end endmodule
// wrong
module t(input ca, cb, d, output reg q); reg s; always @(posedge ca) s <= d; always @(posedge cb) q <= s; endmodule
//// state machine with a package, structures of state and next state
package p; typedef enum logic [1:0] {I, R, W, D} st_e; typedef struct packed { st_e s; logic [2:0] n; } st_t; localparam st_t RESET = '{s: I, n: '0}; endpackage
module t import p::*; (input clk, rst, go, stop, output logic busy, output logic [2:0] n); st_t q, d;
  always_comb begin d = q; unique case (q.s) I: if (go) d = '{s: R, n: 3'd5}; R: begin d.n = q.n - 1'b1; if (q.n == 1) d.s = W; end W: if (stop) d.s = D; D: d = RESET; endcase end
  always_ff @(posedge clk) if (rst) q <= RESET; else q <= d; assign busy = q.s inside {R, W}, n = q.n;
endmodule
// right
module t(input clk, rst, go, stop, output busy, output reg [2:0] n); reg [1:0] s; always @(posedge clk) if (rst) begin s <= 0; n <= 0; end else case (s) 0: if (go) begin s <= 1; n <= 5; end 1: begin n <= n - 1; if (n == 1) s <= 2; end 2: if (stop) s <= 3; 3: begin s <= 0; n <= 0; end endcase assign busy = s == 1 || s == 2; endmodule
// wrong
module t(input clk, rst, go, stop, output busy, output reg [2:0] n); reg [1:0] s; always @(posedge clk) if (rst) begin s <= 0; n <= 0; end else case (s) 0: if (go) begin s <= 1; n <= 5; end 1: begin n <= n - 1; if (n == 0) s <= 2; end 2: if (stop) s <= 3; 3: begin s <= 0; n <= 0; end endcase assign busy = s == 1 || s == 2; endmodule
//// priority encoders and one-hot decoders by loops over parameters
module t #(parameter int N = 6, localparam int L = $clog2(N)) (input [N-1:0] a, output logic [L-1:0] i, output logic v, output logic [N-1:0] h);
  always_comb begin i = 'x; v = 1'b0; h = '0; for (int k = N - 1; k >= 0; k--) if (a[k]) begin i = L'(k); v = '1; h = N'(1) << k; end if (!v) i = '0; end
endmodule
// right
module t(input [5:0] a, output reg [2:0] i, output v, output [5:0] h); integer k; always @* begin i = 0; for (k = 5; k >= 0; k = k - 1) if (a[k]) i = k; end assign v = |a, h = a & -a; endmodule
// wrong
module t(input [5:0] a, output reg [2:0] i, output v, output [5:0] h); integer k; always @* begin i = 0; for (k = 0; k < 6; k = k + 1) if (a[k]) i = k; end assign v = |a, h = a & -a; endmodule
//// nested ternaries of signed parts and unary operators
module t(input signed [5:0] a, b, output signed [6:0] y, output signed [11:0] z); assign y = a > b ? +a : a == -b ? -a : ~b + 1'sb0; assign z = -a * (b >>> 1) + (a[5] ? -6'sd3 : 4'sd2); endmodule
// right
module t(input [5:0] a, b, output [6:0] y, output [11:0] z);
  wire [6:0] sa = {a[5], a}, sb = {b[5], b}; wire gt = {~a[5], a[4:0]} > {~b[5], b[4:0]}; wire [5:0] nb = -b; wire [11:0] wa = {{6{a[5]}}, a}, wb = {{7{b[5]}}, b[5:1]};
  assign y = gt ? sa : a == nb ? -sa : ~sb, z = (12'd0 - wa) * wb + (a[5] ? 12'hffd : 12'd2); endmodule
// wrong
module t(input [5:0] a, b, output [6:0] y, output [11:0] z);
  wire [6:0] sa = {a[5], a}, sb = {b[5], b}; wire gt = a > b; wire [5:0] nb = -b; wire [11:0] wa = {{6{a[5]}}, a}, wb = {{7{b[5]}}, b[5:1]};
  assign y = gt ? sa : a == nb ? -sa : ~sb, z = (12'd0 - wa) * wb + (a[5] ? 12'hffd : 12'd2); endmodule
//// module names and instance names that are escaped
module \m-1 (input a, output y); assign y = ~a; endmodule
module t(input a, output y); wire \w.x ; \m-1 \u[0] (.a(a), .y(\w.x )); \m-1 v(\w.x , y); endmodule
// right
module t(input a, output y); assign y = a; endmodule
// wrong
module t(input a, output y); assign y = ~a; endmodule
//// always with lists, and statements behind an event inside of a block
module t(input clk, a, b, c, output reg x, output reg y); always @(a, b or c) x = a ? b : c; always begin @(posedge clk); y <= x; end endmodule
// right
module t(input clk, a, b, c, output x, output reg y); assign x = a ? b : c; always @(posedge clk) y <= x; endmodule
// wrong
module t(input clk, a, b, c, output x, output reg y); assign x = a ? c : b; always @(posedge clk) y <= x; endmodule
//// variable shifts of signed and unsigned in one expression
module t(input signed [7:0] a, input [2:0] n, input [7:0] m, output [8:0] x, y); assign x = (a >>> n) + 9'sd0; assign y = (a >>> n) + {1'b0, m}; endmodule
// right
module t(input [7:0] a, input [2:0] n, input [7:0] m, output [8:0] x, y); wire [16:0] s = {{9{a[7]}}, a} >> n; wire [8:0] u = {1'b0, a} >> n; assign x = s[8:0], y = u + m; endmodule
// wrong
module t(input [7:0] a, input [2:0] n, input [7:0] m, output [8:0] x, y); wire [16:0] s = {{9{a[7]}}, a} >> n; wire [8:0] u = {1'b0, a} >> n; assign x = s[8:0], y = s[8:0] + m; endmodule
//// parameter types, arrays of parameters, and derived types
module f #(parameter type T = byte, parameter int C [3] = '{1, 2, 3}) (input T a, output logic [15:0] y); T m; assign m = T'(a + C[1] * C[2]); assign y = m + C[0]; endmodule
module t(input [7:0] a, output [15:0] x, y); f u(a, x); f #(.T(logic [7:0]), .C('{4, 5, 6})) v(a, y); endmodule
// right
module t(input [7:0] a, output [15:0] x, y); wire [7:0] p = a + 6, q = a + 30; assign x = {{8{p[7]}}, p} + 1, y = q + 4; endmodule
// wrong
module t(input [7:0] a, output [15:0] x, y); wire [7:0] p = a + 6, q = a + 30; assign x = p + 1, y = q + 4; endmodule
