// dff: prints without end
module top(input clk, input d, output reg q);
  initial while (1) $display("0123456789012345678901234567890123456789");
endmodule
