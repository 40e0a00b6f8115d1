// dff: defines a macro by itself
`define M `M
module top(input clk, input d, output reg q);
  always @(posedge clk) q <= `M;
endmodule
