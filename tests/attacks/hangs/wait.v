// dff: waits for what never comes
module top(input clk, input d, output reg q);
  initial wait (0) q = 1;
endmodule
