// dff: calls a function of the bench
module top(input clk, input d, output reg q);
always @(posedge clk) q <= tb.f(d); endmodule
