// dff: uses a little more time at each edge
module top(input clk, input d, output reg q);
  integer i, n = 1; always @(posedge clk) begin n = n * 2; for (i = 0; i < n; i = i + 1) q = d; end
endmodule
