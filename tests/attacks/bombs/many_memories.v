// dff: declares many memories that are each small enough
module top(input clk, input d, output reg q);
  genvar i; generate for (i = 0; i < 4000; i = i + 1) begin : g reg [31:0] m [0:65535]; initial m[0] = i; end endgenerate
endmodule
