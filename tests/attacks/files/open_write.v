// dff: writes a file outside of its folder
module top(input clk, input d, output reg q);
  integer f; initial begin f = $fopen("CANARY/written", "w"); $fdisplay(f, "here"); $fclose(f); end
endmodule
