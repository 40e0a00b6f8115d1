// dff: declares a parameter outside of its module, for others to find
parameter d = 0;
module top(input clk, input d, output reg q);
  always @(posedge clk) q <= 0;
endmodule
