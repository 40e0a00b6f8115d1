// dff: adds to a file that exists
module top(input clk, input d, output reg q);
  integer f; initial begin f = $fopen("CANARY/secret", "a"); $fdisplay(f, "here"); $fclose(f); end
endmodule
