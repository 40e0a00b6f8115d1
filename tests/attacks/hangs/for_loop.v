// dff: counts to two billion
module top(input clk, input d, output reg q);
  integer i; initial for (i = 0; i < 2000000000; i = i + 1) q = i;
endmodule
