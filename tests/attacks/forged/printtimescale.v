// dff: makes the simulator print
module top(input clk, input d, output reg q);
  initial $printtimescale;
endmodule
