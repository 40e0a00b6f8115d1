// dff: writes a file without end
module top(input clk, input d, output reg q);
  integer f; initial begin f = $fopen("flood", "w"); while (1) $fdisplay(f, "0123456789012345678901234567890123456789"); end
endmodule
