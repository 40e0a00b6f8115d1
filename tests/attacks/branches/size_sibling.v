// dff: reads the instance beside it in a branch chosen by the size of a number
module top(input clk, input d, output reg q);
  wire w; generate if ($size(4'd3) == 4) begin assign w = 1'b0; end else begin assign w = u1.q; end endgenerate
  always @(posedge clk) q <= w;
endmodule
