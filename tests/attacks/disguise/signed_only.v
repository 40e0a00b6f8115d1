// counter: counts down instead of up
module top(input clk, input rst, output reg [3:0] q);
  always @(posedge clk) q <= rst ? 0 : q - 1;
endmodule
