// dff: calls a function of the bench in a branch chosen by the size of a real product
module top(input clk, input d, output reg q);
  wire w; generate if ($bits(4'd3 * 1.0) == 64) begin assign w = 1'b0; end else begin assign w = golden(d); end endgenerate
  always @(posedge clk) q <= w;
endmodule
