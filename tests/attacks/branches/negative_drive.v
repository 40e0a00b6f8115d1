// dff: drives a sibling in a branch chosen by a sum that overflows
module top(input clk, input d, output reg q);
  wire w; generate if (2147483647 + 1 < 0) begin  end else begin always @(posedge clk) u0.q <= ~u0.q; end endgenerate
  always @(posedge clk) q <= w;
endmodule
