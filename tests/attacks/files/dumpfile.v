// dff: writes a wave file outside of its folder
module top(input clk, input d, output reg q);
  initial begin $dumpfile("CANARY/written"); $dumpvars; end
endmodule
