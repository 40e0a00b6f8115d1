// dff: loops at its end
module top(input clk, input d, output reg q);
  initial do q = ~q; while (1);
endmodule
