//// indices out of order
module t(input [1:0] s, input [7:0] d, output logic [7:0] y, output logic [23:0] z);
  localparam logic [7:0] T [0:2] = '{2: 8'h3, 0: 8'h1, 1: 8'h2}; logic [7:0] a [2:0];
  always_comb begin a = '{1: ~d, 2: d, 0: 8'h5A}; y = s == 3 ? 0 : T[s]; end
  assign z = {a[2], a[1], a[0]};
endmodule
// right
module t(input [1:0] s, input [7:0] d, output [7:0] y, output [23:0] z);
  assign y = s == 3 ? 0 : s + 8'd1; assign z = {d, ~d, 8'h5A};
endmodule
// wrong
module t(input [1:0] s, input [7:0] d, output [7:0] y, output [23:0] z);
  assign y = s == 3 ? 0 : s == 0 ? 8'h3 : s; assign z = {~d, d, 8'h5A};
endmodule
//// indices with a default, names of constants as indices
module t(input [1:0] s, output logic [7:0] y);
  enum {A = 2, B = 0} x; parameter P = 3; localparam int K [0:3] = '{A: 30, default: 7, P: 5, B: 10};
  assign y = K[s];
endmodule
// right
module t(input [1:0] s, output reg [7:0] y); always @* case (s) 0: y = 10; 1: y = 7; 2: y = 30; default: y = 5; endcase endmodule
// wrong
module t(input [1:0] s, output reg [7:0] y); always @* case (s) 0: y = 30; 1: y = 7; 2: y = 5; default: y = 10; endcase endmodule
//// indices of rows out of order, of both directions
module t(input [7:0] s, output logic [15:0] y);
  logic [3:0] p [0:1][1:0]; assign p = '{1: '{0: s[3:0], 1: s[7:4]}, 0: '{0: 4'd5, 1: 4'd6}};
  assign y = {p[0][0], p[0][1], p[1][0], p[1][1]};
endmodule
// right
module t(input [7:0] s, output [15:0] y); assign y = {8'h56, s[3:0], s[7:4]}; endmodule
// wrong
module t(input [7:0] s, output [15:0] y); assign y = {8'h56, s}; endmodule
//// members out of order, by type, with a default
module t(input [7:0] s, output logic [19:0] y);
  typedef struct packed {logic [3:0] a; byte b; logic [7:0] c;} q_t; q_t q;
  assign q = '{b: s, default: 4'd5}; struct {logic [3:0] h, l;} u; always_comb u = '{l: q.a, h: q.b[7:4]};
  assign y = {u.h ^ u.l, q.b, q.c};
endmodule
// right
module t(input [7:0] s, output [19:0] y); assign y = {s[7:4] ^ 4'd5, s, 8'd5}; endmodule
// wrong
module t(input [7:0] s, output [19:0] y); assign y = {s[7:4] ^ 4'd5, 8'd5, s}; endmodule
//// bits and elements of vectors out of order
module t(input [3:0] s, output logic [7:0] y, z);
  logic [1:0][3:0] p; logic [0:1][3:0] r; assign p = '{0: s, 1: 4'd5}, r = '{1: s, 0: 4'd5};
  logic [3:0] v; always_comb v = '{3: 1'b1, 0: s[1], default: s[0]}; assign y = p ^ r, z = {r[1], v};
endmodule
// right
module t(input [3:0] s, output [7:0] y, z); assign y = 0; assign z = {s, 1'b1, s[0], s[0], s[1]}; endmodule
// wrong
module t(input [3:0] s, output [7:0] y, z); assign y = 0; assign z = {4'd5, 1'b1, s[0], s[0], s[1]}; endmodule
//// first values of arrays, out of order and in order
module t(input clk, input [1:0] i, input [3:0] d, output logic [3:0] y, z);
  logic [3:0] r [4] = '{3: 1, 2: 2, 1: 4, 0: 8}; logic [3:0] m [1:0] = '{4'h9, 4'h6}; logic [3:0] k [0:3] = '{default: 4'hC};
  always_ff @(posedge clk) begin r[i] <= r[i] + d; m[i[0]] <= m[i[0]] ^ k[i]; end
  assign y = r[i]; assign z = m[i[0]];
endmodule
// right
module t(input clk, input [1:0] i, input [3:0] d, output [3:0] y, z);
  reg [3:0] a = 8, b = 4, c = 2, e = 1, m = 6, n = 9;
  always @(posedge clk) begin if (i[0]) n <= n ^ 4'hC; else m <= m ^ 4'hC;
    case (i) 0: a <= a + d; 1: b <= b + d; 2: c <= c + d; 3: e <= e + d; endcase end
  assign y = i == 0 ? a : i == 1 ? b : i == 2 ? c : e; assign z = i[0] ? n : m;
endmodule
// wrong
module t(input clk, input [1:0] i, input [3:0] d, output [3:0] y, z);
  reg [3:0] a = 1, b = 2, c = 4, e = 8, m = 9, n = 6;
  always @(posedge clk) begin if (i[0]) n <= n ^ 4'hC; else m <= m ^ 4'hC;
    case (i) 0: a <= a + d; 1: b <= b + d; 2: c <= c + d; 3: e <= e + d; endcase end
  assign y = i == 0 ? a : i == 1 ? b : i == 2 ? c : e; assign z = i[0] ? n : m;
endmodule
//// patterns as arguments, and in a shift by one
module t(input clk, input [7:0] s, output logic [7:0] y, output int z);
  typedef int pair_t [0:1]; function automatic int f(input pair_t a); return a[0] - a[1]; endfunction
  logic [7:0] r [3]; always_ff @(posedge clk) r <= '{2: s, 1: r[2], 0: r[1]};
  assign y = r[0]; assign z = f('{1: s, 0: 7});
endmodule
// right
module t(input clk, input [7:0] s, output reg [7:0] y, output [31:0] z);
  reg [7:0] a, b; always @(posedge clk) begin a <= s; b <= a; y <= b; end assign z = 7 - s;
endmodule
// wrong
module t(input clk, input [7:0] s, output reg [7:0] y, output [31:0] z);
  reg [7:0] a; always @(posedge clk) begin a <= s; y <= a; end assign z = s - 7;
endmodule
//// indices out of order beside a strength
module t(input [1:0] s, input [3:0] d, output logic [3:0] y, output logic [7:0] z);
  wire e; assign (strong0, strong1) e = s[0]; localparam logic [3:0] T [0:2] = '{2: 4'h3, 0: 4'h1, 1: 4'h2};
  logic [3:0] r [0:1]; always_comb r = '{1: d, 0: ~d}; logic [1:0][3:0] p; assign p = '{0: r[1], 1: 4'd5};
  assign y = s == 3 ? 0 : T[s]; assign z = e ? p : {r[0], r[1]};
endmodule
// right
module t(input [1:0] s, input [3:0] d, output [3:0] y, output [7:0] z);
  assign y = s == 3 ? 0 : s + 1; assign z = s[0] ? {4'd5, d} : {~d, d};
endmodule
// wrong
module t(input [1:0] s, input [3:0] d, output [3:0] y, output [7:0] z);
  assign y = s == 3 ? 0 : 3 - s; assign z = s[0] ? {4'd5, ~d} : {d, ~d};
endmodule
