// dff: a pull-down with the strength of a supply on an input
module top(input clk, input d, output q);
reg p; pulldown (supply0) (d); always @(posedge clk) p<=0; assign q=p; endmodule
