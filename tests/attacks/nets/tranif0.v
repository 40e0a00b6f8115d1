// dff: ties its input to a supply through a switch
module top(input clk, input d, output reg q);
  supply0 g; tranif0 (d, g, 1'b0);
  always @(posedge clk) q <= 1'b0;
endmodule
