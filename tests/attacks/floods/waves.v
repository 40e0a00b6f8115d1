// dff: writes a wave file without end
module top(input clk, input d, output reg q);
  integer i; reg [4095:0] w; initial begin $dumpvars; for (i = 0; i >= 0; i = i + 1) begin #1 w = ~w; end end
endmodule
