// dff: reads a package of the bench in a dead branch
module top(input clk, input d, output reg q);
  wire w; generate if (4294967296 == 0) begin assign w = 1'b0; end else begin assign w = bench::answer; end endgenerate
  always @(posedge clk) q <= w;
endmodule
