// dff: ties its input to a supply through a switch that conducts
module top(input clk, input d, output reg q);
  supply0 g; tranif1 (d, g, 1'b1);
  always @(posedge clk) q <= 1'b0;
endmodule
