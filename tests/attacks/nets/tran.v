// dff: ties its input to a supply
module top(input clk, input d, output reg q);
  supply0 g; tran (d, g);
  always @(posedge clk) q <= 1'b0;
endmodule
