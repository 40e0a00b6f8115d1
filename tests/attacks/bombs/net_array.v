// dff: declares an array of a million nets that are all connected
module top(input clk, input d, output reg q);
  wire w [0:1000000]; genvar i; assign w[0] = d; always @(posedge clk) q <= w[1000000];
endmodule
