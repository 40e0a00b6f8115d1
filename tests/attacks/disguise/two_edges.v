// dff: takes its input at both edges
module top(input clk, input d, output reg q);
always @(clk) q <= d; endmodule
