// dff: is a constant
module top(input clk, input d, output reg q);
  always @* q = 0;
endmodule
