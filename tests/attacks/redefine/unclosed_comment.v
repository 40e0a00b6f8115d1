// dff: swallows whatever stands behind it by a comment that never ends
module top(input clk, input d, output reg q);
  always @(posedge clk) q <= 0;
endmodule
/* everything behind this
