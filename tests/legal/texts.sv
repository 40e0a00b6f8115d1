//// macros with arguments and defaults
`define MAX(a, b) ((a) > (b) ? (a) : (b))
`define ADD(x, n = 4'd3) (x + n)
`define W 4
module t(input [`W-1:0] a, b, output [`W-1:0] y, z); assign y = `MAX(a, b); assign z = `ADD(a) ^ `ADD(b, 4'd1); endmodule
// right
module t(input [3:0] a, b, output [3:0] y, z); assign y = a > b ? a : b; wire [3:0] p = a + 3, q = b + 1; assign z = p ^ q; endmodule
// wrong
module t(input [3:0] a, b, output [3:0] y, z); assign y = a < b ? a : b; wire [3:0] p = a + 3, q = b + 1; assign z = p ^ q; endmodule
//// conditions in a list of ports
`define HAS_EN
module t(input clk,
`ifdef HAS_EN
  input en,
`endif
`ifndef HAS_EN
  input nothing,
`endif
  input d, output reg q);
  always @(posedge clk)
`ifdef HAS_EN
    if (en)
`else
    if (1)
`endif
    q <= d;
endmodule
// right
module t(input clk, en, d, output reg q); always @(posedge clk) if (en) q <= d; endmodule
// wrong
module t(input clk, en, d, output reg q); always @(posedge clk) q <= d; endmodule
//// macros that make names and lines
`define REG(n) reg [1:0] r_``n; always @(posedge clk) r_``n <= d ^ n;
`define BOTH(a, b) `REG(a) \
  `REG(b)
module t(input clk, input [1:0] d, output [3:0] y); `BOTH(1, 2) assign y = {r_1, r_2}; endmodule
// right
module t(input clk, input [1:0] d, output reg [3:0] y); always @(posedge clk) y <= {d ^ 2'd1, d ^ 2'd2}; endmodule
// wrong
module t(input clk, input [1:0] d, output reg [3:0] y); always @(posedge clk) y <= {d ^ 2'd1, d}; endmodule
//// conditions that elsif and undef decide
`define B 2
`undef B
`ifdef A
`define OP +
`elsif B
`define OP -
`else
`define OP ^
`endif
module t(input [3:0] a, b, output [3:0] y); assign y = a `OP b; endmodule
// right
module t(input [3:0] a, b, output [3:0] y); assign y = a ^ b; endmodule
// wrong
module t(input [3:0] a, b, output [3:0] y); assign y = a - b; endmodule
//// time scale and strict nets
`timescale 1ns / 1ps
`default_nettype none
module t(input wire [3:0] a, output wire [3:0] y); wire [3:0] w = a >> 1; assign y = w ^ a; endmodule
`default_nettype wire
// right
module t(input [3:0] a, output [3:0] y); assign y = a ^ (a >> 1); endmodule
// wrong
module t(input [3:0] a, output [3:0] y); assign y = a ^ (a << 1); endmodule
//// time units inside of the module [guarded]
module t(input [3:0] a, output [3:0] y); timeunit 1ns; timeprecision 1ps; assign y = -a; endmodule
// right
module t(input [3:0] a, output [3:0] y); assign y = -a; endmodule
// wrong
module t(input [3:0] a, output [3:0] y); assign y = ~a; endmodule
//// attributes everywhere
(* top, keep_hierarchy = "yes" *) module t((* mark *) input [3:0] a, input clk, (* iob = "true" *) output reg [3:0] y);
  (* ram_style = "block" *) reg [3:0] r; (* keep *) wire [3:0] w = a + (* carry *) 4'd1;
  always @(posedge clk) begin (* full_case, parallel_case *) case (a[1:0]) 0: r = w; 1: r = ~w; default: r = 0; endcase (* x *) y <= r; end
endmodule
// right
module t(input [3:0] a, input clk, output reg [3:0] y); wire [3:0] w = a + 1; always @(posedge clk) y <= a[1] ? 0 : a[0] ? ~w : w; endmodule
// wrong
module t(input [3:0] a, input clk, output reg [3:0] y); wire [3:0] w = a + 1; always @(posedge clk) y <= a[1] ? 0 : a[0] ? w : ~w; endmodule
//// escaped names
module t(input [3:0] \a+b , input \begin , output [3:0] y); wire [3:0] \w[0] = \a+b ^ {4{\begin }}; assign y = \w[0] ; endmodule
// right
module t(input [3:0] \a+b , input \begin , output [3:0] y); assign y = \begin ? ~\a+b : \a+b ; endmodule
// wrong
module t(input [3:0] \a+b , input \begin , output [3:0] y); assign y = \begin ? \a+b : ~\a+b ; endmodule
//// labels at every end
module t(input clk, rst, input [3:0] a, output logic [3:0] y);
  function automatic logic [3:0] f(input logic [3:0] v); begin : body f = ~v; end : body endfunction : f
  always_ff @(posedge clk) begin : reg_ if (rst) begin : r y <= 0; end : r else begin : d y <= f(a); end : d end : reg_
endmodule : t
// right
module t(input clk, rst, input [3:0] a, output reg [3:0] y); always @(posedge clk) y <= rst ? 0 : ~a; endmodule
// wrong
module t(input clk, rst, input [3:0] a, output reg [3:0] y); always @(posedge clk) y <= rst ? 0 : a; endmodule
//// labelled statements
module t(input [3:0] a, output logic [3:0] y); always_comb begin first: y = a; second: if (a[0]) y = ~a; third: for (int i = 0; i < 2; i++) y[i] ^= a[3]; end endmodule
// right
module t(input [3:0] a, output [3:0] y); assign y = (a[0] ? ~a : a) ^ {2'd0, {2{a[3]}}}; endmodule
// wrong
module t(input [3:0] a, output [3:0] y); assign y = (a[0] ? ~a : a) ^ {2'd0, {2{a[2]}}}; endmodule
//// numbers in every notation
module t(input [3:0] a, output [15:0] y, output [7:0] z);
  assign y = 16'b1010_0101 + 8 'o17 + 'd1_0 + 4'hF + 4'sd7 + "A" + '1 + a; assign z = ({8{1'b1}} ^ 8'dx) === 8'bx ? 8'd1 : 8'h0_3;
endmodule
// right
module t(input [3:0] a, output [15:0] y, output [7:0] z); assign y = 165 + 15 + 10 + 15 + 7 + 65 + 65535 + a; assign z = 1; endmodule
// wrong
module t(input [3:0] a, output [15:0] y, output [7:0] z); assign y = 165 + 15 + 10 + 15 + 7 + 65 + 1 + a; assign z = 1; endmodule
//// cell definitions
`celldefine
module m(input a, b, output y); assign y = a & b; endmodule
`endcelldefine
module t(input a, output y); m u(.a(a), .b(~a | a), .y(y)); endmodule
// right
module t(input a, output y); assign y = a; endmodule
// wrong
module t(input a, output y); assign y = 0; endmodule
//// later keywords as names
`begin_keywords "1364-2001"
module t(input clk, input [3:0] bit, input do, output reg [3:0] logic, output byte);
  wire [3:0] checker = bit + 1; integer int; reg [3:0] priority; wire uwire = ^checker;
  function [3:0] final; input [3:0] int; final = ~int; endfunction
  assign byte = uwire; always @(posedge clk) if (do) logic <= final(checker);
endmodule
`end_keywords
// right
module t(input clk, input [3:0] \bit , input \do , output logic [3:0] \logic , output \byte );
  assign \byte = ^(\bit + 4'd1); always_ff @(posedge clk) if (\do ) \logic <= ~(\bit + 4'd1);
endmodule
// wrong
module t(input clk, input [3:0] \bit , input \do , output logic [3:0] \logic , output \byte );
  assign \byte = ^(\bit + 4'd1); always_ff @(posedge clk) if (\do ) \logic <= \bit + 4'd1;
endmodule
//// keywords of two versions
`begin_keywords "1364-1995"
module u(input1, generate); input [3:0] input1; output [3:0] generate; wire [3:0] signed; assign signed = input1, generate = signed ^ 4'd5; endmodule
`begin_keywords "1800-2009"
module t(input logic [3:0] a, output logic [3:0] y); logic [3:0] implements; u w(a, implements); assign y = implements; endmodule
`end_keywords
`end_keywords
// right
module t(input [3:0] a, output [3:0] y); assign y = a ^ 4'd5; endmodule
// wrong
module t(input [3:0] a, output [3:0] y); assign y = a ^ 4'd4; endmodule
