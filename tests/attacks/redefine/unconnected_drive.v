// dff: drives unconnected inputs
module top(input clk, input d, output reg q);
`unconnected_drive pull1
  always @(posedge clk) q <= 0;
endmodule
