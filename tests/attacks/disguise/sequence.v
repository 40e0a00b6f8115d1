// dff: a sequence beside a wrong register
module top(input clk, input d, output reg q);
sequence s; d; endsequence always @(posedge clk) q<=~d; endmodule
