//// division and remainder by zero
module t(input [3:0] a, b, output [3:0] y, z); assign y = a / b; assign z = a % b; endmodule
// right
module t(input [3:0] a, b, output [3:0] y, z); assign y = b == 0 ? 4'bx : a / b, z = b == 0 ? 4'bx : a - (a / b) * b; endmodule
// wrong
module t(input [3:0] a, b, output [3:0] y, z); assign y = b == 0 ? 4'd15 : a / b, z = b == 0 ? a : a % (b + 1); endmodule
//// signed division and remainder
module t(input signed [3:0] a, b, output signed [4:0] y, z); assign y = b == 0 ? 0 : a / b; assign z = b == 0 ? 0 : a % b; endmodule
// right
module t(input [3:0] a, b, output [4:0] y, z); wire [4:0] p = a[3] ? 16 - a : a, q = b[3] ? 16 - b : b, d = p / q, r = p % q;
  assign y = b == 0 ? 0 : a[3] ^ b[3] ? -d : d, z = b == 0 ? 0 : a[3] ? -r : r; endmodule
// wrong
module t(input [3:0] a, b, output [4:0] y, z); wire [4:0] p = a[3] ? 16 - a : a, q = b[3] ? 16 - b : b, d = p / q, r = p % q;
  assign y = b == 0 ? 0 : a[3] ^ b[3] ? -d : d, z = b == 0 ? 0 : b[3] ? -r : r; endmodule
//// shifts by more than the width
module t(input [7:0] a, input [5:0] n, output [7:0] x, y, output signed [7:0] z); assign x = a << n, y = a >> n; assign z = $signed(a) >>> n; endmodule
// right
module t(input [7:0] a, input [5:0] n, output [7:0] x, y, z); wire [15:0] s = {{8{a[7]}}, a} >> n;
  assign x = n > 7 ? 0 : a << n[2:0], y = n > 7 ? 0 : a >> n[2:0], z = n > 7 ? {8{a[7]}} : s; endmodule
// wrong
module t(input [7:0] a, input [5:0] n, output [7:0] x, y, z); wire [15:0] s = {{8{a[7]}}, a} >> n[2:0];
  assign x = a << n[2:0], y = a >> n[2:0], z = s; endmodule
//// signed right shift in an unsigned context
module t(input signed [3:0] a, input [3:0] b, output [4:0] y, z); assign y = (a >>> 1) + b; assign z = $signed(a >>> 1) + $signed({1'b0, b}); endmodule
// right
module t(input [3:0] a, b, output [4:0] y, z); assign y = (a >> 1) + b, z = {{2{a[3]}}, a[3:1]} + {1'b0, b}; endmodule
// wrong
module t(input [3:0] a, b, output [4:0] y, z); assign y = {{2{a[3]}}, a[3:1]} + b, z = {{2{a[3]}}, a[3:1]} + {1'b0, b}; endmodule
//// shift amounts that are signed
module t(input [7:0] a, input signed [2:0] n, output [7:0] y); assign y = a >> n; endmodule
// right
module t(input [7:0] a, input [2:0] n, output [7:0] y); assign y = a >> n; endmodule
// wrong
module t(input [7:0] a, input [2:0] n, output [7:0] y); assign y = n[2] ? a << (8 - n) : a >> n; endmodule
//// carries by the width around
module t(input [3:0] a, b, output [4:0] s, output c, output [3:0] m); assign s = a + b; assign {c, m} = a + b + 1'b1; endmodule
// right
module t(input [3:0] a, b, output [4:0] s, output c, output [3:0] m); assign s = {1'b0, a} + {1'b0, b}; wire [4:0] w = s + 1; assign c = w[4], m = w[3:0]; endmodule
// wrong
module t(input [3:0] a, b, output [4:0] s, output c, output [3:0] m); assign s = {1'b0, a} + {1'b0, b}; wire [4:0] w = s + 1; assign c = s[4], m = w[3:0]; endmodule
//// average that keeps or loses its carry
module t(input [3:0] a, b, output [3:0] y, z); assign y = (a + b) >> 1; assign z = (a + b + 0) >> 1; endmodule
// right
module t(input [3:0] a, b, output [3:0] y, z); wire [3:0] s = a + b; wire [4:0] w = a + b; assign y = s >> 1, z = w >> 1; endmodule
// wrong
module t(input [3:0] a, b, output [3:0] y, z); wire [4:0] w = a + b; assign y = w >> 1, z = w >> 1; endmodule
//// comparison of signed and unsigned
module t(input signed [3:0] a, input [3:0] b, output x, y, z); assign x = a < 4'd3, y = a < 3, z = a > b; endmodule
// right
module t(input [3:0] a, b, output x, y, z); assign x = a < 3, y = a[3] | a < 3, z = a > b; endmodule
// wrong
module t(input [3:0] a, b, output x, y, z); assign x = a[3] | a < 3, y = a[3] | a < 3, z = a > b; endmodule
//// negation and inversion at the width around
module t(input [3:0] a, output [7:0] x, y, output z); assign x = ~a, y = -a, z = (~a == 8'hf0); endmodule
// right
module t(input [3:0] a, output [7:0] x, y, output z); assign x = {4'hf, ~a}, y = 8'd0 - a, z = a == 15; endmodule
// wrong
module t(input [3:0] a, output [7:0] x, y, output z); assign x = {4'h0, ~a}, y = 8'd0 - a, z = a == 15; endmodule
//// powers
module t(input [2:0] a, input [1:0] b, output [7:0] x, y); assign x = 2 ** a; assign y = a ** b; endmodule
// right
module t(input [2:0] a, input [1:0] b, output [7:0] x, y); assign x = 1 << a, y = b == 0 ? 1 : b == 1 ? a : b == 2 ? 8'd1 * a * a : 8'd1 * a * a * a; endmodule
// wrong
module t(input [2:0] a, input [1:0] b, output [7:0] x, y); assign x = 1 << a, y = b == 0 ? 0 : b == 1 ? a : b == 2 ? 8'd1 * a * a : 8'd1 * a * a * a; endmodule
//// conditions with an undefined select
module t(input [1:0] s, input [3:0] a, b, output [3:0] y); wire u = s == 3 ? 1'bx : s[0]; assign y = u ? a : b; endmodule
// right
module t(input [1:0] s, input [3:0] a, b, output [3:0] y); assign y = s == 3 ? (a & b) | ((a ^ b) & 4'bx) : s[0] ? a : b; endmodule
// wrong
module t(input [1:0] s, input [3:0] a, b, output [3:0] y); assign y = s == 3 ? a ^ b : s[0] ? a : b; endmodule
//// nested conditions with an undefined leaf
module t(input [2:0] s, input [3:0] a, output [3:0] y); assign y = s[2] ? (s[1] ? 4'bx : a) : s[0] ? ~a : {2{s[1:0]}}; endmodule
// right
module t(input [2:0] s, input [3:0] a, output [3:0] y); assign y = s[2] & s[1] ? 4'dx : s[2] ? a : s[0] ? ~a : {s[1:0], s[1:0]}; endmodule
// wrong
module t(input [2:0] s, input [3:0] a, output [3:0] y); assign y = s[1] ? a : s[0] ? ~a : {s[1:0], s[1:0]}; endmodule
//// selects beyond the vector
module t(input [5:0] a, input [2:0] i, output y, output [2:0] z); assign y = a[i]; assign z = a[i +: 3]; endmodule
// right
module t(input [5:0] a, input [2:0] i, output y, output [2:0] z); wire [9:0] w = {4'bx, a}; assign y = w[i], z = w >> i; endmodule
// wrong
module t(input [5:0] a, input [2:0] i, output y, output [2:0] z); wire [9:0] w = {4'bx, a}; assign y = w[i], z = {w[i], w[i], w[i]}; endmodule
//// parts that move, up and down
module t(input [7:0] a, input [2:0] i, output [1:0] y, z); wire [0:7] r = a; assign y = a[i -: 2]; assign z = r[i +: 2]; endmodule
// right
module t(input [7:0] a, input [2:0] i, output [1:0] y, z); wire [8:0] w = {a, 1'bx}; wire [8:0] v = {1'bx, a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]};
  assign y = w >> i, z = {v[i], v[i + 4'd1]}; endmodule
// wrong
module t(input [7:0] a, input [2:0] i, output [1:0] y, z); wire [8:0] w = {a, 1'bx}; wire [8:0] v = {1'bx, a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]};
  assign y = w >> i, z = {v[i + 4'd1], v[i]}; endmodule
//// writes beyond a memory
module t(input clk, input [2:0] i, input [3:0] d, output [3:0] y); logic [3:0] m [0:5]; initial foreach (m[k]) m[k] = 4'(k); always_ff @(posedge clk) m[i] <= d; assign y = m[0] ^ m[5]; endmodule
// right
module t(input clk, input [2:0] i, input [3:0] d, output [3:0] y); reg [3:0] p, q; initial begin p = 0; q = 5; end
  always @(posedge clk) begin if (i == 0) p <= d; if (i == 5) q <= d; end assign y = p ^ q; endmodule
// wrong
module t(input clk, input [2:0] i, input [3:0] d, output [3:0] y); reg [3:0] p, q; initial begin p = 0; q = 5; end
  always @(posedge clk) begin if (i == 0 || i == 6) p <= d; if (i == 5) q <= d; end assign y = p ^ q; endmodule
//// wide vectors
module t(input [7:0] a, input [6:0] n, output [127:0] y, output z); wire [199:0] w = {25{a}}; assign y = w >> n; assign z = w == {200{1'b1}}; endmodule
// right
module t(input [7:0] a, input [6:0] n, output [127:0] y, output z); wire [255:0] w = {56'd0, {25{a}}}; assign y = w[n +: 128], z = &a; endmodule
// wrong
module t(input [7:0] a, input [6:0] n, output [127:0] y, output z); wire [255:0] w = {32{a}}; assign y = w[n +: 128], z = &a; endmodule
//// products of signs
module t(input signed [3:0] a, input [3:0] b, output [7:0] x, output signed [7:0] y); assign x = a * b; assign y = a * $signed({1'b0, b}); endmodule
// right
module t(input [3:0] a, b, output [7:0] x, y); assign x = a * b, y = a * b - (a[3] ? {b, 4'd0} : 8'd0); endmodule
// wrong
module t(input [3:0] a, b, output [7:0] x, y); assign x = a * b, y = a * b; endmodule
//// unbased numbers in every place
module t(input [3:0] a, output [5:0] x, y, output z); assign x = '1 - a; assign y = a == '1 ? '0 : {2'd0, a}; assign z = a > '0; endmodule
// right
module t(input [3:0] a, output [5:0] x, y, output z); assign x = 63 - a, y = a == 15 ? 0 : a, z = a != 0; endmodule
// wrong
module t(input [3:0] a, output [5:0] x, y, output z); assign x = 1 - a, y = a == 15 ? 0 : a, z = a != 0; endmodule
//// logical operators on vectors, reductions, and precedence
module t(input [3:0] a, b, output w, x, y, z); assign w = !a || b && ^a, x = a & b == b, y = ~|a ^ &b, z = a < b == b > a; endmodule
// right
module t(input [3:0] a, b, output w, x, y, z); assign w = (a == 0) | ((b != 0) & ^a), x = a[0], y = (a == 0) ^ (b == 15), z = 1'b1; endmodule
// wrong
module t(input [3:0] a, b, output w, x, y, z); assign w = (a == 0) | ((b != 0) & ^a), x = (a & b) == b, y = (a == 0) ^ (b == 15), z = 1'b1; endmodule
//// case equality
module t(input [1:0] a, output y, z); assign y = a === 2'b1x, z = a !== 2'b10; endmodule
// right
module t(input [1:0] a, output y, z); assign y = 0, z = a != 2; endmodule
// wrong
module t(input [1:0] a, output y, z); assign y = a == 3, z = a != 2; endmodule
//// large numbers without a size in wide expressions
module t(input [7:0] d, input [63:0] h, output [63:0] a, b, output [15:0] c);
  localparam [63:0] P = 1099511628211; parameter [63:0] Q = P * 3; wire [63:0] m = (h ^ d) * 1099511628211;
  assign a = m, b = P + Q + d, c = (h * 1099511628211) >> 48; endmodule
// right
module t(input [7:0] d, input [63:0] h, output [63:0] a, b, output [15:0] c); wire [63:0] m = h * 64'h100000001b3;
  assign a = ({56'b0, d} ^ h) * 64'h100000001b3, b = 64'd4398046512844 + d, c = m[63:48]; endmodule
// wrong
module t(input [7:0] d, input [63:0] h, output [63:0] a, b, output [15:0] c); wire [63:0] m = h * 64'h1b3;
  assign a = ({56'b0, d} ^ h) * 64'h1b3, b = 64'd1740 + d, c = m[63:48]; endmodule
//// large numbers without a size in functions
module t(input [15:0] d, output [63:0] y); function automatic [63:0] fnv(input [15:0] x); integer i; begin fnv = 14695981039346656037;
  for (i = 0; i < 2; i = i + 1) fnv = (fnv ^ x[8*i +: 8]) * 1099511628211; end endfunction assign y = fnv(d); endmodule
// right
module t(input [15:0] d, output [63:0] y); wire [63:0] a = (64'hcbf29ce484222325 ^ d[7:0]) * 64'h100000001b3;
  assign y = (a ^ d[15:8]) * 64'h100000001b3; endmodule
// wrong
module t(input [15:0] d, output [63:0] y); wire [63:0] a = (64'h84222325 ^ d[7:0]) * 64'h1b3;
  assign y = (a ^ d[15:8]) * 64'h1b3; endmodule
//// numbers of 32 bits without a size in wider ones
module t(input [31:0] d, output [63:0] y, output z); localparam [63:0] M = 4294967295; localparam [39:0] K = 3_000_000_000;
  assign y = M + d, z = d + K > 5000000000; endmodule
// right
module t(input [31:0] d, output [63:0] y, output z); assign y = 64'hffffffff + d, z = {8'b0, d} > 40'd2000000000; endmodule
// wrong
module t(input [31:0] d, output [63:0] y, output z); assign y = 64'hffffffffffffffff + d, z = d + 32'd3000000000 > 32'd705032704; endmodule
//// large numbers of enumerations
module t(input [1:0] d, output [39:0] y, output [63:0] z); typedef enum logic [39:0] {A = 5000000000, B, C = 0} e; e s;
  typedef enum logic [63:0] {P = 1099511628211, Q = 4294967295} f; f r;
  always_comb begin s = d[0] ? A : d[1] ? B : C; r = d[1] ? P : Q; end assign y = s, z = r; endmodule
// right
module t(input [1:0] d, output [39:0] y, output [63:0] z); assign y = d[0] ? 40'h12a05f200 : d[1] ? 40'h12a05f201 : 0, z = d[1] ? 64'h100000001b3 : 64'hffffffff; endmodule
// wrong
module t(input [1:0] d, output [39:0] y, output [63:0] z); assign y = d[0] ? 40'h2a05f200 : d[1] ? 40'h2a05f201 : 0, z = d[1] ? 64'h1b3 : 64'hffffffff; endmodule
//// inputs beside numbers whose first bit is a sign
module t(input [31:0] d, input signed [7:0] s, output y, z); assign y = s == 8'sh9c, z = d > 3000000000; endmodule
// right
module t(input [31:0] d, input signed [7:0] s, output y, z); assign y = s == -100, z = d >= 32'hb2d05e01; endmodule
// wrong
module t(input [31:0] d, input signed [7:0] s, output y, z); assign y = s == 100, z = $signed(d) > 3000000000; endmodule
//// casts of literals that fill
module t(input clk, input [3:0] d, output [7:0] q, output reg [3:0] r); typedef struct packed {logic [1:0] k, v;} pair;
  pair p; assign q = 8'('1) ^ {4'(('1)), d}; always_ff @(posedge clk) if (d == 3) p <= pair'('0); else p <= d; assign r = p; endmodule
// right
module t(input clk, input [3:0] d, output [7:0] q, output reg [3:0] r);
  assign q = {4'b0, ~d}; always @(posedge clk) r <= d == 3 ? 0 : d; endmodule
// wrong
module t(input clk, input [3:0] d, output [7:0] q, output reg [3:0] r);
  assign q = {4'd14, ~d}; always @(posedge clk) r <= d == 3 ? 1 : d; endmodule
