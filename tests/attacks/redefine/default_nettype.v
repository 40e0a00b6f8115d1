// dff: changes the default net type for what stands behind it
module top(input clk, input d, output reg q);
  always @(posedge clk) q <= 0;
endmodule
`default_nettype none
