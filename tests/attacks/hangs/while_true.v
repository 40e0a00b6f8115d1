// dff: never lets time go on
module top(input clk, input d, output reg q);
  initial while (1) q = ~q;
endmodule
