// dff: asks whether it is being tested
module top(input clk, input d, output reg q);
  initial if ($test$plusargs("test")) q = 0;
endmodule
