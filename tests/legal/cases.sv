//// unique0 case
module t(input [2:0] a, output logic [3:0] y);
  always_comb begin y = 4'd9; unique0 case (a) 1: y = 4'd1; 2, 3: y = 4'd2; 7: y = 4'd3; endcase end
endmodule
// right
module t(input [2:0] a, output [3:0] y); assign y = a == 1 ? 1 : a == 2 || a == 3 ? 2 : a == 7 ? 3 : 9; endmodule
// wrong
module t(input [2:0] a, output [3:0] y); assign y = a == 1 ? 1 : a == 2 ? 2 : a == 7 ? 3 : 9; endmodule
//// unique if with else
module t(input [3:0] a, output logic [1:0] y);
  always_comb unique if (a[0]) y = 0; else if (a[3:0] == 4'b0010) y = 1; else y = 3;
endmodule
// right
module t(input [3:0] a, output [1:0] y); assign y = a[0] ? 0 : a == 2 ? 1 : 3; endmodule
// wrong
module t(input [3:0] a, output [1:0] y); assign y = a[0] ? 0 : a[1] ? 1 : 3; endmodule
//// priority if
module t(input [3:0] a, output logic [1:0] y);
  always_comb begin y = 0; priority if (a[3]) y = 3; else if (a[2]) y = 2; else if (a[1] | a[0] | 1'b1) y = 1; end
endmodule
// right
module t(input [3:0] a, output [1:0] y); assign y = a[3] ? 3 : a[2] ? 2 : 1; endmodule
// wrong
module t(input [3:0] a, output [1:0] y); assign y = a[2] ? 2 : a[3] ? 3 : 1; endmodule
//// priority casez
module t(input [3:0] a, output logic [2:0] y);
  always_comb priority casez (a) 4'b1???: y = 4; 4'b01??: y = 3; 4'b001?: y = 2; 4'b0001: y = 1; default: y = 0; endcase
endmodule
// right
module t(input [3:0] a, output [2:0] y); assign y = a[3] ? 4 : a[2] ? 3 : a[1] ? 2 : a[0]; endmodule
// wrong
module t(input [3:0] a, output [2:0] y); assign y = a[0] ? 1 : a[1] ? 2 : a[2] ? 3 : a[3] ? 4 : 0; endmodule
//// case inside with ranges
module t(input [5:0] a, output logic [1:0] y);
  always_comb case (a) inside [0:9]: y = 0; [10:19], 6'd63: y = 1; 6'b1?0?01: y = 2; default: y = 3; endcase
endmodule
// right
module t(input [5:0] a, output [1:0] y);
  assign y = a < 10 ? 0 : a < 20 || a == 63 ? 1 : a[5] && !a[3] && a[1:0] == 1 ? 2 : 3; endmodule
// wrong
module t(input [5:0] a, output [1:0] y);
  assign y = a < 10 ? 0 : a < 19 || a == 63 ? 1 : a[5] && !a[3] && a[1:0] == 1 ? 2 : 3; endmodule
//// inside with ranges, values and a wild card
module t(input [4:0] a, b, output y, z);
  assign y = a inside {[3:7], 5'd12, 5'b1??11}; assign z = !(a inside {b, [20:$]});
endmodule
// right
module t(input [4:0] a, b, output y, z);
  assign y = a >= 3 && a <= 7 || a == 12 || a[4] && a[1:0] == 3; assign z = !(a == b || a >= 20); endmodule
// wrong
module t(input [4:0] a, b, output y, z);
  assign y = a >= 3 && a <= 7 || a == 12 || a[4] && a[0]; assign z = !(a == b || a >= 20); endmodule
//// inside with signed bounds
module t(input signed [3:0] a, output y); assign y = a inside {[-3:2]}; endmodule
// right
module t(input [3:0] a, output y); assign y = a <= 2 || a >= 13; endmodule
// wrong
module t(input [3:0] a, output y); assign y = a <= 3 || a >= 13; endmodule
//// inside an array of constants
module t(input [3:0] a, output y); localparam logic [3:0] P [5] = '{2, 3, 5, 7, 11}; assign y = a inside {P, 13}; endmodule
// right
module t(input [3:0] a, output y); assign y = a == 2 || a == 3 || a == 5 || a == 7 || a == 11 || a == 13; endmodule
// wrong
module t(input [3:0] a, output y); assign y = a == 2 || a == 3 || a == 5 || a == 7 || a == 9 || a == 13; endmodule
//// inside an array of variables
module t(input [3:0] a, b, c, output y); logic [3:0] m [2]; assign m[0] = b; assign m[1] = c; assign y = a inside {m}; endmodule
// right
module t(input [3:0] a, b, c, output y); assign y = a == b || a == c; endmodule
// wrong
module t(input [3:0] a, b, c, output y); assign y = a == b && a == c; endmodule
//// wild equality
module t(input [3:0] a, output y, z); assign y = a ==? 4'b1x0x; assign z = a !=? 4'b?11?; endmodule
// right
module t(input [3:0] a, output y, z); assign y = a[3] & ~a[1]; assign z = ~(a[2] & a[1]); endmodule
// wrong
module t(input [3:0] a, output y, z); assign y = a[3] & ~a[1]; assign z = ~(a[2] | a[1]); endmodule
//// case (1'b1) with inside and conditions
module t(input [3:0] a, b, output logic [1:0] y);
  always_comb unique case (1'b1) a > b: y = 1; a < b: y = 2; default: y = 0; endcase
endmodule
// right
module t(input [3:0] a, b, output [1:0] y); assign y = a > b ? 1 : a < b ? 2 : 0; endmodule
// wrong
module t(input [3:0] a, b, output [1:0] y); assign y = a >= b ? 1 : a < b ? 2 : 0; endmodule
//// case of a concatenation with mixed widths and signs
module t(input signed [2:0] a, input [1:0] s, output logic [3:0] y);
  always_comb case (a) -1: y = 1; 3'sd2: y = 2; 3'd5: y = 3; default: y = s; endcase
endmodule
// right
module t(input [2:0] a, input [1:0] s, output [3:0] y); assign y = a == 2 ? 2 : a == 5 ? 3 : s; endmodule
// wrong
module t(input [2:0] a, input [1:0] s, output [3:0] y); assign y = a == 7 ? 1 : a == 2 ? 2 : a == 5 ? 3 : s; endmodule
//// casex
module t(input [3:0] a, output reg [1:0] y); always @* casex (a) 4'b1xx0: y = 1; 4'bx01z: y = 2; default: y = 0; endcase endmodule
// right
module t(input [3:0] a, output [1:0] y); assign y = a[3] & ~a[0] ? 1 : ~a[2] & a[1] ? 2 : 0; endmodule
// wrong
module t(input [3:0] a, output [1:0] y); assign y = a[3] & ~a[0] ? 1 : a[2] & a[1] ? 2 : 0; endmodule
//// nested conditions with chains
module t(input [1:0] s, input [3:0] a, b, output [4:0] y);
  assign y = s[1] ? s[0] ? a + b : a - b : s[0] ? {1'b0, a & b} : a | b;
endmodule
// right
module t(input [1:0] s, input [3:0] a, b, output reg [4:0] y);
  always @* case (s) 3: y = a + b; 2: y = a - b; 1: y = a & b; 0: y = a | b; endcase endmodule
// wrong
module t(input [1:0] s, input [3:0] a, b, output reg [4:0] y);
  always @* case (s) 3: y = a + b; 1: y = a - b; 2: y = a & b; 0: y = a | b; endcase endmodule
//// implication and equivalence
module t(input a, b, c, output y, z); assign y = a -> b -> c; assign z = (a <-> b) ^ c; endmodule
// right
module t(input a, b, c, output y, z); assign y = !a || !b || c; assign z = a ~^ b ^ c; endmodule
// wrong
module t(input a, b, c, output y, z); assign y = !(!a || b) || c; assign z = a ~^ b ^ c; endmodule
//// condition with &&&-free matches on a decoded structure
module t(input [5:0] a, output logic [3:0] y);
  typedef struct packed { logic [1:0] op; logic [3:0] d; } i_t;
  i_t i; assign i = a;
  always_comb case ({i.op, i.d[0]}) {2'd0, 1'b1}: y = i.d; {2'd1, 1'b0}: y = ~i.d; 3'd7: y = '1; default: y = '0; endcase
endmodule
// right
module t(input [5:0] a, output [3:0] y); wire [2:0] k = {a[5:4], a[0]};
  assign y = k == 1 ? a[3:0] : k == 2 ? ~a[3:0] : k == 7 ? 15 : 0; endmodule
// wrong
module t(input [5:0] a, output [3:0] y); wire [2:0] k = {a[5:4], a[0]};
  assign y = k == 1 ? a[3:0] : k == 3 ? ~a[3:0] : k == 7 ? 15 : 0; endmodule
