// dff: a checker beside a wrong register
module top(input clk, input d, output reg q);
checker k; endchecker k i(); always @(posedge clk) q<=~d; endmodule
