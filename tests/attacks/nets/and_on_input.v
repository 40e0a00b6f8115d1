// dff: a gate drives an input
module top(input clk, input d, output q);
reg p; and (d, 0, 0); always @(posedge clk) p<=0; assign q=p; endmodule
