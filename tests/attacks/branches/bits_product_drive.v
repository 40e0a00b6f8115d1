// dff: drives a sibling in a branch chosen by the size of a real product
module top(input clk, input d, output reg q);
  wire w; generate if ($bits(4'd3 * 1.0) == 64) begin  end else begin always @(posedge clk) u0.q <= ~u0.q; end endgenerate
  always @(posedge clk) q <= w;
endmodule
