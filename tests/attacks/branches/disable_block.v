// dff: ends a block of the bench in a dead branch
module top(input clk, input d, output reg q);
  wire w; generate if (4294967296 == 0) begin end else begin initial disable stimuli; end endgenerate assign w = 0;
  always @(posedge clk) q <= w;
endmodule
