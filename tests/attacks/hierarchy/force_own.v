// dff: forces its own output
module top(input clk, input d, output reg q);
  initial force q = 1'b0;
endmodule
