// dff: writes a memory to a file
module top(input clk, input d, output reg q);
  reg [7:0] m [0:3]; initial begin m[0] = 8'h41; $writememh("CANARY/written", m); end
endmodule
