// dff: a timing check
module top(input clk, input d, output reg q);
specify $setup(d, posedge clk, 1); endspecify always @(posedge clk) q<=~d; endmodule
