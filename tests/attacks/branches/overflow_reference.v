// dff: reads a suite's reference in a branch chosen by a number that needs 33 bits
module top(input clk, input d, output reg q);
  wire w; generate if (4294967296 == 0) begin assign w = 1'b0; end else begin assign w = good1.q; end endgenerate
  always @(posedge clk) q <= w;
endmodule
