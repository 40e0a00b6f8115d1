// dff: changes the time scale in its module
module top(input clk, input d, output reg q);
`timescale 1fs/1fs
  always @(posedge clk) q <= 0;
endmodule
