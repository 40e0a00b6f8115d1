// dff: leaves a second module open for what stands behind it
module top(input clk, input d, output reg q);
  always @(posedge clk) q <= 0;
endmodule
module open(input x);
