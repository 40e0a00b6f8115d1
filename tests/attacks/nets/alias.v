// dff: makes its input and a constant one net
module top(input clk, input d, output reg q);
  wire n; alias d = n; assign n = 0;
  always @(posedge clk) q <= 1'b0;
endmodule
