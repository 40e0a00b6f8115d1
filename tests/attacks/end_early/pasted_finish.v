// dff: spells $finish by pasting two tokens of a macro
module top(input clk, input d, output reg q);
`define P(a, b) a``b
  initial `P($fin, ish);
endmodule
