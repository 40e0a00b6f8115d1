// dff: opens files until nothing is left
module top(input clk, input d, output reg q);
  integer f, i; initial for (i = 0; i < 100000; i = i + 1) f = $fopen($sformatf("f%0d", i), "w");
endmodule
