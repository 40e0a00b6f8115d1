// dff: ties its input to a supply through a resistive switch
module top(input clk, input d, output reg q);
  supply0 g; rtran (d, g);
  always @(posedge clk) q <= 1'b0;
endmodule
