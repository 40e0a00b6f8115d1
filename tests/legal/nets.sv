//// drivers of different bits
module t(input [3:0] a, b, output logic [3:0] y); assign y[0] = a[0] ^ b[0]; always_comb y[2:1] = a[2:1] & b[2:1]; assign y[3] = |a; endmodule
// right
module t(input [3:0] a, b, output [3:0] y); assign y = {|a, a[2:1] & b[2:1], a[0] ^ b[0]}; endmodule
// wrong
module t(input [3:0] a, b, output [3:0] y); assign y = {|a, a[2:1] & b[2:1], a[0] | b[0]}; endmodule
//// bits of one register in two processes
module t(input clk, rst, input [3:0] d, output logic [3:0] q);
  always_ff @(posedge clk) if (rst) q[1:0] <= 0; else q[1:0] <= d[1:0] + q[1:0];
  always_ff @(posedge clk) q[3:2] <= rst ? 2'd3 : d[3:2];
endmodule
// right
module t(input clk, rst, input [3:0] d, output reg [3:0] q);
  always @(posedge clk) q <= rst ? 12 : {d[3:2], d[1:0] + q[1:0]}; endmodule
// wrong
module t(input clk, rst, input [3:0] d, output reg [3:0] q);
  always @(posedge clk) q <= rst ? 12 : {d[3:2], d[1:0]}; endmodule
//// members of one structure driven differently
module t(input clk, input [3:0] a, output [3:0] y);
  struct packed { logic [1:0] now; logic [1:0] late; } s;
  assign s.now = a[3:2]; always_ff @(posedge clk) s.late <= a[1:0]; assign y = s;
endmodule
// right
module t(input clk, input [3:0] a, output [3:0] y); reg [1:0] l; always @(posedge clk) l <= a[1:0]; assign y = {a[3:2], l}; endmodule
// wrong
module t(input clk, input [3:0] a, output [3:0] y); reg [1:0] l; always @(posedge clk) l <= a[3:2]; assign y = {a[3:2], l}; endmodule
//// delays of zero [guarded]
module t(input clk, input [3:0] a, output [3:0] y, output reg [3:0] q); wire #0 w = ^a; assign #0 y = {4{w}} ^ a; always @(posedge clk) q <= #0 y; endmodule
// right
module t(input clk, input [3:0] a, output [3:0] y, output reg [3:0] q); assign y = {4{^a}} ^ a; always @(posedge clk) q <= y; endmodule
// wrong
module t(input clk, input [3:0] a, output [3:0] y, output reg [3:0] q); assign y = {4{^a}} ^ a; always @(posedge clk) q <= a; endmodule
//// wired and, wired or
module t(input [2:0] a, b, output [2:0] x, y); wand [2:0] p; wor [2:0] q; assign p = a; assign p = b; assign q = a, q = b; assign x = p, y = q; endmodule
// right
module t(input [2:0] a, b, output [2:0] x, y); assign x = a & b, y = a | b; endmodule
// wrong
module t(input [2:0] a, b, output [2:0] x, y); assign x = a & b, y = a ^ b; endmodule
//// pulled nets
module t(input [1:0] a, e, output y, z); tri1 p; tri0 q; assign p = e[0] ? a[0] : 1'bz; assign q = e[1] ? a[1] : 1'bz; assign y = p, z = q; endmodule
// right
module t(input [1:0] a, e, output y, z); assign y = ~e[0] | a[0], z = e[1] & a[1]; endmodule
// wrong
module t(input [1:0] a, e, output y, z); assign y = e[0] & a[0], z = e[1] & a[1]; endmodule
//// strengths
module t(input a, e, output y); wire w; assign (weak0, weak1) w = 1'b1; assign (strong0, highz1) w = e ? a : 1'b1; assign y = w; endmodule
// right
module t(input a, e, output y); assign y = ~e | a; endmodule
// wrong
module t(input a, e, output y); assign y = e & a; endmodule
//// gates, arrays of them, and three-state buffers
module t(input [3:0] a, input e, output [3:0] y, output z);
  wire n; nand g0(n, a[0], a[1], a[2]); xor x [3:0] (y, a, {4{n}}); wire b; bufif1 (b, a[3], e); bufif0 u(b, n, e); not (z, b);
endmodule
// right
module t(input [3:0] a, input e, output [3:0] y, output z); wire n = ~&a[2:0]; assign y = a ^ {4{n}}, z = ~(e ? a[3] : n); endmodule
// wrong
module t(input [3:0] a, input e, output [3:0] y, output z); wire n = ~&a[2:0]; assign y = a ^ {4{n}}, z = ~(e ? n : a[3]); endmodule
//// a table of a user's own [guarded]
primitive mux(y, s, a, b); output y; input s, a, b; table 0 0 ? : 0; 0 1 ? : 1; 1 ? 0 : 0; 1 ? 1 : 1; x 0 0 : 0; x 1 1 : 1; endtable endprimitive
module t(input [1:0] a, b, input s, output [1:0] y); mux m0(y[0], s, a[0], b[0]), m1(y[1], s, a[1], b[1]); endmodule
// right
module t(input [1:0] a, b, input s, output [1:0] y); assign y = s ? b : a; endmodule
// wrong
module t(input [1:0] a, b, input s, output [1:0] y); assign y = s ? a : b; endmodule
//// a sequential table of a user's own [guarded]
primitive dff(output reg q, input c, d); table (01) 0 : ? : 0; (01) 1 : ? : 1; (1?) ? : ? : -; (0x) ? : ? : -; ? * : ? : -; endtable endprimitive
module t(input clk, input d, output q); dff u(q, clk, d); endmodule
// right
module t(input clk, input d, output reg q); always @(posedge clk) q <= d; endmodule
// wrong
module t(input clk, input d, output reg q); always @(negedge clk) q <= d; endmodule
//// specify blocks [guarded]
module t(input [3:0] a, input clk, output [3:0] y, output reg q);
  assign y = a + 1; always @(posedge clk) q <= a[0];
  specify specparam tr = 0; (a *> y) = 0; (posedge clk => (q +: a)) = tr; $setup(a, posedge clk, 0); endspecify
endmodule
// right
module t(input [3:0] a, input clk, output [3:0] y, output reg q); assign y = a + 1; always @(posedge clk) q <= a[0]; endmodule
// wrong
module t(input [3:0] a, input clk, output [3:0] y, output reg q); assign y = a + 1; always @(posedge clk) q <= a[1]; endmodule
//// latches
module t(input en, r, input [3:0] d, output logic [3:0] q); always_latch if (r) q <= 0; else if (en) q <= d; endmodule
// right
module t(input en, r, input [3:0] d, output reg [3:0] q); always @* if (r) q = 0; else if (en) q = d; endmodule
// wrong
module t(input en, r, input [3:0] d, output reg [3:0] q); always @* if (r) q = 0; else if (!en) q = d; endmodule
//// unsigned and signed nets, supplies
module t(input [3:0] a, output signed [5:0] y, output z); supply1 one; supply0 zero; wire signed [3:0] s = a; assign y = s, z = one & ~zero & s[3]; endmodule
// right
module t(input [3:0] a, output [5:0] y, output z); assign y = {{2{a[3]}}, a}, z = a[3]; endmodule
// wrong
module t(input [3:0] a, output [5:0] y, output z); assign y = a, z = a[3]; endmodule
//// declarations with values that follow inputs
module t(input [3:0] a, output [3:0] y); wire [3:0] p = a ^ 4'd3, q = p + 1; wire r = ^q; assign y = {4{r}} & q; endmodule
// right
module t(input [3:0] a, output [3:0] y); wire [3:0] q = (a ^ 3) + 1; assign y = ^q ? q : 0; endmodule
// wrong
module t(input [3:0] a, output [3:0] y); wire [3:0] q = (a ^ 3) + 1; assign y = ^q ? 0 : q; endmodule
//// procedural assign and deassign [guarded]
module t(input clk, rst, input [2:0] d, output reg [2:0] q); always @(rst) if (rst) assign q = 3'd5; else deassign q; always @(posedge clk) q <= d; endmodule
// right
module t(input clk, rst, input [2:0] d, output reg [2:0] q); always @(posedge clk or posedge rst) if (rst) q <= 5; else q <= d; endmodule
// wrong
module t(input clk, rst, input [2:0] d, output reg [2:0] q); always @(posedge clk or posedge rst) if (rst) q <= 2; else q <= d; endmodule
//// uwire and interconnect by user types
module t(input [3:0] a, output [3:0] y); uwire [3:0] u = ~a; wire logic [3:0] v; assign v = u ^ 4'd1; var logic [3:0] w; assign w = v; assign y = w; endmodule
// right
module t(input [3:0] a, output [3:0] y); assign y = ~a ^ 1; endmodule
// wrong
module t(input [3:0] a, output [3:0] y); assign y = ~a; endmodule
//// nets of which some are given a value
module t(input clk, input d, output reg q); wire a = ~d, b; wire c, e = b; assign b = ~a, c = e; always @(posedge clk) q <= c; endmodule
// right
module t(input clk, input d, output reg q); always @(posedge clk) q <= d; endmodule
// wrong
module t(input clk, input d, output reg q); always @(posedge clk) q <= ~d; endmodule
//// a list of nets with a long value
module t(input [7:0] b, c, d, output [7:0] y, z); wire [7:0] w = d ^ c ^ b ^ (d << 0) ^ d ^ c ^ b ^ (d << 1) ^ d ^ c ^ b ^ (d << 2) ^ d ^ c ^ b ^ (d << 3) ^ d ^ c ^ b ^ (d << 4) ^ d ^ c ^ b ^ (d << 5) ^ d ^ c ^ b ^ (d << 6) ^ d ^ c ^ b ^ (d << 7) ^ d ^ c ^ b ^ (d << 8) ^ d ^ c ^ b ^ (d << 9) ^ d ^ c ^ b ^ (d << 10) ^ d ^ c ^ b ^ (d << 11) ^ d ^ c ^ b ^ (d << 12) ^ d ^ c ^ b ^ (d << 13), v; assign v = w + 8'd1, y = v, z = w; endmodule
// right
module t(input [7:0] b, c, d, output [7:0] y, z); assign z = d ^ c ^ b ^ (d << 0) ^ d ^ c ^ b ^ (d << 1) ^ d ^ c ^ b ^ (d << 2) ^ d ^ c ^ b ^ (d << 3) ^ d ^ c ^ b ^ (d << 4) ^ d ^ c ^ b ^ (d << 5) ^ d ^ c ^ b ^ (d << 6) ^ d ^ c ^ b ^ (d << 7) ^ d ^ c ^ b ^ (d << 8) ^ d ^ c ^ b ^ (d << 9) ^ d ^ c ^ b ^ (d << 10) ^ d ^ c ^ b ^ (d << 11) ^ d ^ c ^ b ^ (d << 12) ^ d ^ c ^ b ^ (d << 13); assign y = z + 8'd1; endmodule
// wrong
module t(input [7:0] b, c, d, output [7:0] y, z); assign z = d ^ c ^ b ^ (d << 0) ^ d ^ c ^ b ^ (d << 1) ^ d ^ c ^ b ^ (d << 2) ^ d ^ c ^ b ^ (d << 3) ^ d ^ c ^ b ^ (d << 4) ^ d ^ c ^ b ^ (d << 5) ^ d ^ c ^ b ^ (d << 6) ^ d ^ c ^ b ^ (d << 7) ^ d ^ c ^ b ^ (d << 8) ^ d ^ c ^ b ^ (d << 9) ^ d ^ c ^ b ^ (d << 10) ^ d ^ c ^ b ^ (d << 11) ^ d ^ c ^ b ^ (d << 12) ^ d ^ c ^ b ^ (d << 13); assign y = z; endmodule
//// a list of many nets, of which the last has a value
module t(input [7:0] a, output [7:0] y); wire [7:0] one_of_many_nets_0, one_of_many_nets_1, one_of_many_nets_2, one_of_many_nets_3, one_of_many_nets_4, one_of_many_nets_5, one_of_many_nets_6, one_of_many_nets_7, one_of_many_nets_8, one_of_many_nets_9, one_of_many_nets_10, one_of_many_nets_11, one_of_many_nets_12, one_of_many_nets_13, one_of_many_nets_14, one_of_many_nets_15, one_of_many_nets_16, one_of_many_nets_17, one_of_many_nets_18, one_of_many_nets_19, one_of_many_nets_20, one_of_many_nets_21, one_of_many_nets_22, one_of_many_nets_23, one_of_many_nets_24, one_of_many_nets_25, one_of_many_nets_26, one_of_many_nets_27, one_of_many_nets_28, one_of_many_nets_29, one_of_many_nets_30, one_of_many_nets_31, one_of_many_nets_32, one_of_many_nets_33, one_of_many_nets_34, one_of_many_nets_35, one_of_many_nets_36, one_of_many_nets_37, one_of_many_nets_38, one_of_many_nets_39, last = a + 8'd3; assign one_of_many_nets_0 = last, y = one_of_many_nets_0; endmodule
// right
module t(input [7:0] a, output [7:0] y); assign y = a + 8'd3; endmodule
// wrong
module t(input [7:0] a, output [7:0] y); assign y = a + 8'd2; endmodule
