// dff: repeats two billion times
module top(input clk, input d, output reg q);
  initial repeat (2000000000) q = ~q;
endmodule
