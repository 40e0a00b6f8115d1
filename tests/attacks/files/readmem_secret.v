// dff: reads a secret into a memory
module top(input clk, input d, output reg q);
  reg [7:0] m [0:63]; initial begin $readmemh("CANARY/secret", m); q = m[0]; end
endmodule
