// dff: overrides its output by a procedural assignment
module top(input clk, input d, output reg q);
  always @(posedge clk) q <= d; initial assign q = 0;
endmodule
