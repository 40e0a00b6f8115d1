// dff: a class beside a wrong register
module top(input clk, input d, output reg q);
class k; int x; endclass always @(posedge clk) q<=~d; endmodule
