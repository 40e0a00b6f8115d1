// dff: a name that holds dots
module top(input clk, input d, output reg q);
always @(posedge clk) q <= \tb.good1.q ; endmodule
