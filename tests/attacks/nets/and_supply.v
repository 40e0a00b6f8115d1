// dff: a gate with the strength of a supply drives an input
module top(input clk, input d, output q);
reg p; and (supply1,supply0) (d, 0, 0); always @(posedge clk) p<=0; assign q=p; endmodule
