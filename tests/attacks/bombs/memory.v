// dff: declares a memory of 64 GiB
module top(input clk, input d, output reg q);
  reg [65535:0] m [0:8388607]; always @(posedge clk) begin m[d] <= 1; q <= m[0]; end
endmodule
