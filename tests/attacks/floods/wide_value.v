// dff: prints a number of a million bits over and over
module top(input clk, input d, output reg q);
  reg [1000000:0] w; initial while (1) $display("%b", w);
endmodule
