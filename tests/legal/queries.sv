//// counts of bits
module t(input [7:0] a, output [3:0] x, output y, z); assign x = $countones(a); assign y = $onehot(a); assign z = $onehot0(a); endmodule
// right
module t(input [7:0] a, output [3:0] x, output y, z); assign x = a[0] + a[1] + a[2] + a[3] + a[4] + a[5] + a[6] + a[7], y = x == 1, z = x < 2; endmodule
// wrong
module t(input [7:0] a, output [3:0] x, output y, z); assign x = a[0] + a[1] + a[2] + a[3] + a[4] + a[5] + a[6] + a[7], y = x == 1, z = x <= 2; endmodule
//// counts of given values
module t(input [5:0] a, output [2:0] y, z); assign y = $countbits(a, '0); assign z = $countbits(a, '1, '0); endmodule
// right
module t(input [5:0] a, output [2:0] y, z); assign y = 6 - (a[0] + a[1] + a[2] + a[3] + a[4] + a[5]), z = 6; endmodule
// wrong
module t(input [5:0] a, output [2:0] y, z); assign y = a[0] + a[1] + a[2] + a[3] + a[4] + a[5], z = 6; endmodule
//// unknown values
module t(input [3:0] a, input e, output y, output z); assign y = $isunknown(a) | e; assign z = ^a === 1'bx; endmodule
// right
module t(input [3:0] a, input e, output y, output z); assign y = e, z = 0; endmodule
// wrong
module t(input [3:0] a, input e, output y, output z); assign y = e, z = e; endmodule
//// ranges of types and members
module t(input [2:0] a, output [7:0] w, x, y, z);
  typedef struct packed { logic [6:2] f; logic [0:3][1:0] g; } s_t; s_t s; logic [3:1] m [2:9]; assign s = a;
  assign w = $bits(s_t) + a; assign x = $left(s.f) + $right(s.f) + a; assign y = $size(m) + $high(m) + $low(m, 2) + a; assign z = $dimensions(m) + $increment(s.g) + $unpacked_dimensions(m) + a;
endmodule
// right
module t(input [2:0] a, output [7:0] w, x, y, z); assign w = 13 + a, x = 8 + a, y = 8 + 9 + 1 + a, z = 2 - 1 + 1 + a; endmodule
// wrong
module t(input [2:0] a, output [7:0] w, x, y, z); assign w = 13 + a, x = 8 + a, y = 8 + 9 + 2 + a, z = 2 - 1 + 1 + a; endmodule
//// $signed and $unsigned in mixed operations
module t(input [3:0] a, b, output x, y, output [7:0] z); assign x = $signed(a) < $signed(b); assign y = $signed(a) < b; assign z = $signed(a) >>> 1; endmodule
// right
module t(input [3:0] a, b, output x, y, output [7:0] z); assign x = {~a[3], a[2:0]} < {~b[3], b[2:0]}, y = a < b, z = {{5{a[3]}}, a[3:1]}; endmodule
// wrong
module t(input [3:0] a, b, output x, y, output [7:0] z); assign x = {~a[3], a[2:0]} < {~b[3], b[2:0]}, y = a < b, z = {4'd0, a[3], a[3:1]}; endmodule
//// $clog2 and mathematics in constants
module t(input [3:0] a, output [7:0] x, y); localparam L = $clog2(37), P = 2 ** 5, Q = int'($pow(2.0, 3.0)), R = $rtoi($sqrt(50.0)), S = $ceil(4.2); assign x = a + L + P; assign y = a + Q + R + S; endmodule
// right
module t(input [3:0] a, output [7:0] x, y); assign x = a + 38, y = a + 20; endmodule
// wrong
module t(input [3:0] a, output [7:0] x, y); assign x = a + 37, y = a + 20; endmodule
//// $clog2 of a variable
module t(input [4:0] a, output [2:0] y); assign y = $clog2(a); endmodule
// right
module t(input [4:0] a, output [2:0] y); assign y = a <= 1 ? 0 : a <= 2 ? 1 : a <= 4 ? 2 : a <= 8 ? 3 : a <= 16 ? 4 : 5; endmodule
// wrong
module t(input [4:0] a, output [2:0] y); assign y = a < 1 ? 0 : a < 2 ? 1 : a < 4 ? 2 : a < 8 ? 3 : a < 16 ? 4 : 5; endmodule
//// bits of an expression's type
module t(input [3:0] a, b, output [7:0] x, y); assign x = $bits({a, b}) + a; assign y = $bits(a + b) * $bits(type(b)) + a; endmodule
// right
module t(input [3:0] a, b, output [7:0] x, y); assign x = 8 + a, y = 16 + a; endmodule
// wrong
module t(input [3:0] a, b, output [7:0] x, y); assign x = 8 + a, y = 20 + a; endmodule
//// reductions of arrays
module t(input [8:0] a, output [2:0] s, x, y, output logic [4:0] w);
  logic [2:0] m [3]; assign {m[2], m[1], m[0]} = a;
  assign s = m.sum(); assign x = m.xor; assign y = m.and(); always_comb w = m.sum() with (5'(item));
endmodule
// right
module t(input [8:0] a, output [2:0] s, x, y, output [4:0] w);
  assign s = a[2:0] + a[5:3] + a[8:6], x = a[2:0] ^ a[5:3] ^ a[8:6], y = a[2:0] & a[5:3] & a[8:6], w = a[2:0] + a[5:3] + a[8:6]; endmodule
// wrong
module t(input [8:0] a, output [2:0] s, x, y, output [4:0] w);
  assign s = a[2:0] + a[5:3] + a[8:6], x = a[2:0] ^ a[5:3] ^ a[8:6], y = a[2:0] & a[5:3] & a[8:6], w = s; endmodule
