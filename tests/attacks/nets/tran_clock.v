// dff: stops its clock
module top(input clk, input d, output reg q);
  supply0 g; tran (clk, g);
  always @(posedge clk) q <= 1'b0;
endmodule
