// dff: hides its storage in many dimensions
module top(input clk, input d, output reg q);
  reg [7:0] m [0:63][0:63][0:63][0:63]; always @(posedge clk) begin m[0][0][0][d] <= 1; q <= 0; end
endmodule
