// dff: forks without end
module top(input clk, input d, output reg q);
  initial while (1) fork q = d; join_none
endmodule
