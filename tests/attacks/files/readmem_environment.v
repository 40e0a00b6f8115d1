// dff: reads the environment of its process
module top(input clk, input d, output reg q);
  reg [7:0] m [0:4095]; initial begin $readmemh("/proc/self/environ", m); q = m[0]; end
endmodule
