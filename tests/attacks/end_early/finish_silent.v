// dff: ends the run without a message
module top(input clk, input d, output reg q);
  initial $finish(0);
endmodule
