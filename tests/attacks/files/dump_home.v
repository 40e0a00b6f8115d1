// dff: writes a wave file into the home folder
module top(input clk, input d, output reg q);
  initial begin $dumpfile("HOME/written.vcd"); $dumpvars(0); end
endmodule
