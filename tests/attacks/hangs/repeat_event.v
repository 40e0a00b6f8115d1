// dff: an assignment that waits for two edges
module top(input clk, input d, output reg q);
always @(posedge clk) q = repeat(2) @(posedge clk) d; endmodule
