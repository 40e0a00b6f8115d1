// dff: nests comments
module top(input clk, input d, output reg q);
  /* /* */ initial $finish; */
endmodule
