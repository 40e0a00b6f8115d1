// dff: a procedural assignment that stays
module top(input clk, input d, output reg q);
always @(posedge clk) assign q = 1; endmodule
