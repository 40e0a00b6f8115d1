// dff: makes the simulator warn at each step
module top(input clk, input d, output reg q);
  reg [3:0] m [0:3]; integer i; always @* for (i = 0; i < 100000; i = i + 1) q = m[i];
endmodule
