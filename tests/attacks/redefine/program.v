// dff: declares a program that ends the run with it
module top(input clk, input d, output reg q);
  always @(posedge clk) q <= 0;
endmodule
program p; initial $exit; endprogram
