//// packed union nested in a structure
module t(input [8:0] a, output [3:0] y);
  typedef union packed { logic [7:0] whole; struct packed { logic [3:0] h, l; } half; } u_t;
  typedef struct packed { logic v; u_t u; } p_t;
  p_t p; assign p = a;
  assign y = p.v ? p.u.half.h : p.u.half.l;
endmodule
// right
module t(input [8:0] a, output [3:0] y); assign y = a[8] ? a[7:4] : a[3:0]; endmodule
// wrong
module t(input [8:0] a, output [3:0] y); assign y = a[8] ? a[3:0] : a[7:4]; endmodule
//// packed union written through one member, read through another
module t(input [3:0] a, b, output logic [7:0] y);
  union packed { logic [7:0] w; logic [1:0][3:0] n; } u;
  always_comb begin u.n[1] = a; u.n[0] = b; y = u.w; end
endmodule
// right
module t(input [3:0] a, b, output [7:0] y); assign y = {a, b}; endmodule
// wrong
module t(input [3:0] a, b, output [7:0] y); assign y = {b, a}; endmodule
//// methods of an enumeration
module t(input clk, rst, input up, output logic [2:0] y, output l);
  typedef enum logic [2:0] {A = 1, B = 3, C = 4, D = 6} e_t;
  e_t s;
  always_ff @(posedge clk) if (rst) s <= s.first(); else s <= up ? s.next : s.prev;
  assign y = s; assign l = s == s.last();
endmodule
// right
module t(input clk, rst, input up, output reg [2:0] y, output l);
  always @(posedge clk) if (rst) y <= 1; else case (y)
    1: y <= up ? 3 : 6; 3: y <= up ? 4 : 1; 4: y <= up ? 6 : 3; 6: y <= up ? 1 : 4; endcase
  assign l = y == 6;
endmodule
// wrong
module t(input clk, rst, input up, output reg [2:0] y, output l);
  always @(posedge clk) if (rst) y <= 1; else case (y)
    1: y <= up ? 4 : 6; 3: y <= up ? 4 : 1; 4: y <= up ? 6 : 3; 6: y <= up ? 1 : 4; endcase
  assign l = y == 6;
endmodule
//// number of an enumeration, next by a step
module t(input [1:0] a, output logic [3:0] y);
  typedef enum logic [1:0] {P, Q, R} e_t;
  e_t e; assign e = e_t'(a);
  always_comb y = {2'(e.num()), e.next(2)};
endmodule
// right
module t(input [1:0] a, output reg [3:0] y);
  always @* case (a) 0: y = 14; 1: y = 12; 2: y = 13; default: y = {2'd3, 2'bxx}; endcase
endmodule
// wrong
module t(input [1:0] a, output reg [3:0] y);
  always @* case (a) 0: y = 13; 1: y = 12; 2: y = 13; default: y = {2'd3, 2'bxx}; endcase
endmodule
//// enumeration in the range of a generate and as a case label
module t(input [1:0] s, input [3:0] a, output logic y);
  typedef enum bit [1:0] {ADD, SUB, XOR_, NOP} op_t;
  op_t op; assign op = op_t'(s);
  always_comb case (op) ADD: y = |a; SUB: y = &a; XOR_: y = ^a; NOP: y = 0; endcase
endmodule
// right
module t(input [1:0] s, input [3:0] a, output y); assign y = s == 0 ? |a : s == 1 ? &a : s == 2 ? ^a : 0; endmodule
// wrong
module t(input [1:0] s, input [3:0] a, output y); assign y = s == 0 ? |a : s == 1 ? &a : ^a; endmodule
//// enumerated range of names
module t(input [2:0] a, output logic y);
  typedef enum logic [2:0] {S[4], T[1:2], U} e_t;
  always_comb y = a == S2 || a == T1 || a == U;
endmodule
// right
module t(input [2:0] a, output y); assign y = a == 2 || a == 4 || a == 6; endmodule
// wrong
module t(input [2:0] a, output y); assign y = a == 2 || a == 5 || a == 6; endmodule
//// type parameter
module add #(parameter type T = logic [3:0]) (input T a, b, output T y); assign y = a + b; endmodule
module t(input [5:0] a, b, output [5:0] y); add #(.T(logic [5:0])) u(a, b, y); endmodule
// right
module t(input [5:0] a, b, output [5:0] y); assign y = a + b; endmodule
// wrong
module t(input [5:0] a, b, output [5:0] y); assign y = {2'd0, a[3:0] + b[3:0]}; endmodule
//// type parameter with a signed type
module cmp #(parameter type T = logic [3:0]) (input T a, b, output y); assign y = a < b; endmodule
module t(input [3:0] a, b, output y, z); cmp #(logic signed [3:0]) u(a, b, y); cmp v(a, b, z); endmodule
// right
module t(input signed [3:0] a, b, output y, z); assign y = a < b; assign z = $unsigned(a) < $unsigned(b); endmodule
// wrong
module t(input [3:0] a, b, output y, z); assign y = a < b; assign z = a < b; endmodule
//// casts of type, width and sign
module t(input [7:0] a, output [15:0] x, output [3:0] y, output [9:0] z);
  typedef logic signed [7:0] s_t; localparam N = 4;
  assign x = s_t'(a); assign y = N'(a + 8'd1); assign z = (N + 6)'(signed'(a));
endmodule
// right
module t(input [7:0] a, output [15:0] x, output [3:0] y, output [9:0] z);
  assign x = {{8{a[7]}}, a}; assign y = a[3:0] + 4'd1; assign z = {{2{a[7]}}, a}; endmodule
// wrong
module t(input [7:0] a, output [15:0] x, output [3:0] y, output [9:0] z);
  assign x = a; assign y = a[3:0] + 4'd1; assign z = {{2{a[7]}}, a}; endmodule
//// cast of an intermediate sum
module t(input [3:0] a, b, output [4:0] y, z); assign y = 4'(a + b); assign z = 5'(a) + b; endmodule
// right
module t(input [3:0] a, b, output [4:0] y, z); wire [3:0] s = a + b; assign y = s; assign z = a + b; endmodule
// wrong
module t(input [3:0] a, b, output [4:0] y, z); assign y = a + b; assign z = a + b; endmodule
//// unsigned cast inside of a signed expression
module t(input signed [3:0] a, b, output [7:0] y, output z);
  assign y = unsigned'(a) + b; assign z = signed'({1'b0, a}) > b;
endmodule
// right
module t(input [3:0] a, b, output [7:0] y, output z); assign y = a + b; assign z = b[3] | a > b; endmodule
// wrong
module t(input signed [3:0] a, b, output [7:0] y, output z); assign y = a + b; assign z = a > b; endmodule
//// type operator
module t(input [4:0] a, output [4:0] y); var type(a) v; var type(a + 1'b1) w; assign v = ~a; assign w = v; assign y = w; endmodule
// right
module t(input [4:0] a, output [4:0] y); assign y = ~a; endmodule
// wrong
module t(input [4:0] a, output [4:0] y); assign y = ~a[3:0]; endmodule
//// two-state types
module t(input clk, rst, input [3:0] d, output byte unsigned y, output bit z);
  int n; shortint unsigned s;
  always_ff @(posedge clk) if (rst) begin n <= -1; s <= 0; end else begin n <= n + d; s <= s + 16'(d); end
  assign y = n[7:0]; assign z = s[4];
endmodule
// right
module t(input clk, rst, input [3:0] d, output [7:0] y, output z); reg [7:0] n, s; initial begin n = 0; s = 0; end
  always @(posedge clk) if (rst) begin n <= 255; s <= 0; end else begin n <= n + d; s <= s + d; end
  assign y = n, z = s[4]; endmodule
// wrong
module t(input clk, rst, input [3:0] d, output [7:0] y, output z); reg [7:0] n, s;
  always @(posedge clk) if (rst) begin n <= 0; s <= 0; end else begin n <= n + d; s <= s + d; end
  assign y = n, z = s[4]; endmodule
//// signed structure members in a nested packed array
module t(input [11:0] a, input [1:0] i, output logic [7:0] y);
  typedef struct packed { logic signed [2:0] n; logic f; } e_t;
  e_t [2:0] v; assign v = a;
  always_comb y = i < 3 ? v[i].n * 8'sd2 : 0;
endmodule
// right
module t(input [11:0] a, input [1:0] i, output [7:0] y);
  wire [3:0] e = a >> (4 * i); assign y = i < 3 ? {{4{e[3]}}, e[3:1], 1'b0} : 0; endmodule
// wrong
module t(input [11:0] a, input [1:0] i, output [7:0] y);
  wire [3:0] e = a >> (4 * i); assign y = i < 3 ? {4'd0, e[3:1], 1'b0} : 0; endmodule
//// structure with initial values of members
module t(input clk, input [2:0] d, output [5:0] y);
  typedef struct { logic [2:0] a; logic [2:0] b; } s_t;
  s_t s = '{a: 3'd5, b: 3'd2};
  always_ff @(posedge clk) s <= '{d, s.a};
  assign y = {s.a, s.b};
endmodule
// right
module t(input clk, input [2:0] d, output [5:0] y); reg [2:0] a = 5, b = 2;
  always @(posedge clk) begin a <= d; b <= a; end assign y = {a, b}; endmodule
// wrong
module t(input clk, input [2:0] d, output [5:0] y); reg [2:0] a = 5, b = 2;
  always @(posedge clk) begin a <= d; b <= d; end assign y = {a, b}; endmodule
//// pattern by types and by a default
module t(input [3:0] a, output [15:0] y);
  typedef logic [3:0] n_t; typedef struct packed { n_t p, q; logic [6:0] r; logic s; } s_t;
  s_t s; assign s = '{n_t: a, s: 1'b1, default: '0};
  assign y = s;
endmodule
// right
module t(input [3:0] a, output [15:0] y); assign y = {a, a, 8'd1}; endmodule
// wrong
module t(input [3:0] a, output [15:0] y); assign y = {a, 4'd0, 8'd1}; endmodule
//// pattern by indices
module t(input [3:0] a, input [1:0] i, output [3:0] y);
  logic [3:0] m [4]; assign m = '{1: a, 3: ~a, default: 4'd9};
  assign y = m[i];
endmodule
// right
module t(input [3:0] a, input [1:0] i, output [3:0] y); assign y = i == 1 ? a : i == 3 ? ~a : 9; endmodule
// wrong
module t(input [3:0] a, input [1:0] i, output [3:0] y); assign y = i == 2 ? a : i == 3 ? ~a : 9; endmodule
//// pattern by indices of a packed array
module t(input [3:0] a, output [15:0] y); logic [3:0][3:0] v; assign v = '{0: a, 2: ~a, default: '1}; assign y = v; endmodule
// right
module t(input [3:0] a, output [15:0] y); assign y = {4'hf, ~a, 4'hf, a}; endmodule
// wrong
module t(input [3:0] a, output [15:0] y); assign y = {a, 4'hf, ~a, 4'hf}; endmodule
//// replicated pattern
module t(input [2:0] a, input [1:0] i, output [2:0] y); logic [2:0] m [0:3]; assign m = '{2{a, ~a}}; assign y = m[i]; endmodule
// right
module t(input [2:0] a, input [1:0] i, output [2:0] y); assign y = i[0] ? ~a : a; endmodule
// wrong
module t(input [2:0] a, input [1:0] i, output [2:0] y); assign y = i[1] ? ~a : a; endmodule
//// nested default in an array of structures
module t(input clk, rst, input [1:0] i, input [3:0] d, output [4:0] y);
  typedef struct packed { logic v; logic [3:0] d; } e_t;
  e_t m [4];
  always_ff @(posedge clk) if (rst) m <= '{4{'{v: 1'b0, default: 4'd6}}}; else m[i] <= '{1'b1, d};
  assign y = m[i];
endmodule
// right
module t(input clk, rst, input [1:0] i, input [3:0] d, output [4:0] y); reg [4:0] m [0:3]; integer k;
  always @(posedge clk) if (rst) for (k = 0; k < 4; k = k + 1) m[k] <= 5'd6; else m[i] <= {1'b1, d};
  assign y = m[i]; endmodule
// wrong
module t(input clk, rst, input [1:0] i, input [3:0] d, output [4:0] y); reg [4:0] m [0:3]; integer k;
  always @(posedge clk) if (rst) for (k = 0; k < 4; k = k + 1) m[k] <= 5'd22; else m[i] <= {1'b1, d};
  assign y = m[i]; endmodule
//// pattern as the target of an assignment
module t(input [7:0] a, output logic [3:0] y, z);
  typedef struct packed { logic [3:0] h, l; } s_t;
  s_t s; always_comb begin s = a; '{y, z} = s; end
endmodule
// right
module t(input [7:0] a, output [3:0] y, z); assign {y, z} = a; endmodule
// wrong
module t(input [7:0] a, output [3:0] y, z); assign {z, y} = a; endmodule
//// typed pattern inside an expression
module t(input [3:0] a, b, output [7:0] y); typedef struct packed { logic [3:0] h, l; } s_t; assign y = s_t'{h: b, l: a} ^ 8'h0f; endmodule
// right
module t(input [3:0] a, b, output [7:0] y); assign y = {b, ~a}; endmodule
// wrong
module t(input [3:0] a, b, output [7:0] y); assign y = {a, ~b}; endmodule
//// packed array with ascending dimensions
module t(input [7:0] a, input [1:0] i, output [1:0] y); logic [0:3][1:0] v; assign v = a; assign y = v[i]; endmodule
// right
module t(input [7:0] a, input [1:0] i, output [1:0] y); assign y = a >> (2 * (3 - i)); endmodule
// wrong
module t(input [7:0] a, input [1:0] i, output [1:0] y); assign y = a >> (2 * i); endmodule
//// string constants as vectors
module t(input [1:0] a, output logic [15:0] y);
  localparam string S = "ab"; localparam [15:0] V = "hi";
  always_comb case (a) 0: y = V; 1: y = "xy"; 2: y = {S[1], S[0]}; default: y = S.len(); endcase
endmodule
// right
module t(input [1:0] a, output [15:0] y); assign y = a == 0 ? 16'h6869 : a == 1 ? 16'h7879 : a == 2 ? 16'h6261 : 2; endmodule
// wrong
module t(input [1:0] a, output [15:0] y); assign y = a == 0 ? 16'h6869 : a == 1 ? 16'h7879 : a == 2 ? 16'h6162 : 2; endmodule
//// real constants
module t(input [7:0] a, output [7:0] x, output [3:0] y);
  localparam real F = 2.5; localparam realtime R = 1.0e1; localparam int K = int'(F * 3.0); localparam N = $rtoi(R / F);
  assign x = a + K; assign y = N;
endmodule
// right
module t(input [7:0] a, output [7:0] x, output [3:0] y); assign x = a + 8; assign y = 4; endmodule
// wrong
module t(input [7:0] a, output [7:0] x, output [3:0] y); assign x = a + 7; assign y = 4; endmodule
//// tagged-free union of a structure and an enumeration
module t(input [3:0] a, output logic [1:0] y);
  typedef enum logic [1:0] {L, M, N} k_t;
  typedef union packed { struct packed { k_t k; logic [1:0] v; } s; logic [3:0] raw; } u_t;
  u_t u;
  always_comb begin u.raw = a; y = u.s.k == M ? u.s.v : ~u.s.v; end
endmodule
// right
module t(input [3:0] a, output [1:0] y); assign y = a[3:2] == 1 ? a[1:0] : ~a[1:0]; endmodule
// wrong
module t(input [3:0] a, output [1:0] y); assign y = a[3:2] == 2 ? a[1:0] : ~a[1:0]; endmodule
//// constant structure of arrays
module t(input [1:0] i, input s, output [7:0] y);
  typedef struct packed { logic [3:0][7:0] lo, hi; } tab_t;
  localparam tab_t T = '{lo: '{8'd1, 8'd2, 8'd3, 8'd4}, hi: {8'd11, 8'd12, 8'd13, 8'd14}};
  assign y = s ? T.hi[i] : T.lo[i];
endmodule
// right
module t(input [1:0] i, input s, output [7:0] y); assign y = 4 - i + (s ? 10 : 0); endmodule
// wrong
module t(input [1:0] i, input s, output [7:0] y); assign y = 1 + i + (s ? 10 : 0); endmodule
