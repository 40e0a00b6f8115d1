// dff: ties its input to a supply through a net between
module top(input clk, input d, output reg q);
  supply0 g; wire n; tran (d, n); tran (n, g);
  always @(posedge clk) q <= 1'b0;
endmodule
