// dff: reads a sibling in a loop that one reader finds empty
module top(input clk, input d, output reg q);
  wire w; genvar i; generate for (i = 0; i < (4294967296 == 0 ? 0 : 1); i = i + 1) begin : g assign w = u1.q; end endgenerate
  always @(posedge clk) q <= w;
endmodule
