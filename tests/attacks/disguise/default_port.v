// dff: gives an extra port a default value
module top(input clk, input d, input e = 1, output reg q); always @(posedge clk) q <= 0;
endmodule
