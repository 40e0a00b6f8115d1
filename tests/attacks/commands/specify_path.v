// dff: a path delay
module top(input clk, input d, output reg q);
specify (clk => q) = 2; endspecify always @(posedge clk) q<=~d; endmodule
