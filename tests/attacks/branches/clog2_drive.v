// dff: drives a sibling in a branch chosen by the logarithm of a large number
module top(input clk, input d, output reg q);
  wire w; generate if ($clog2(4294967297) == 33) begin always @(posedge clk) u0.q <= ~u0.q; end else begin  end endgenerate
  always @(posedge clk) q <= w;
endmodule
