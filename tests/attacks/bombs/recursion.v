// dff: instantiates itself
module top(input clk, input d, output reg q);
  wire w; top again(clk, d, w); always @(posedge clk) q <= w;
endmodule
