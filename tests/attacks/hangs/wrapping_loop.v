// dff: counts with a counter that wraps
module top(input clk, input d, output reg q);
  reg [3:0] i; always @* begin q = 0; for (i = 0; i < 16; i = i + 1) q = q ^ d; end
endmodule
