// dff: instantiates the reference in a dead branch
module top(input clk, input d, output reg q);
  wire w; generate if (4294967296 == 0) assign w = 1'b0; else begin reference r(.clk(clk), .d(d), .q(w)); end endgenerate
  always @(posedge clk) q <= w;
endmodule
