// dff: assigns to an input
module top(input clk, input d, output reg q);
  assign d = 0; always @(posedge clk) q <= 0;
endmodule
