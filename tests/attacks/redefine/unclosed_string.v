// dff: leaves a string open
module top(input clk, input d, output reg q);
  always @(posedge clk) q <= 0;
endmodule
module m; parameter P = "
