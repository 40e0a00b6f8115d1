// dff: triggers at both edges
module top(input clk, input d, output reg q);
  always @(posedge clk or negedge clk) q <= d;
endmodule
