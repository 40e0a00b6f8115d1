// dff: a child ties the clock to a supply
module top(input clk, input d, output q);
reg p; c u(clk); always @(posedge clk) p<=0; assign q=p; endmodule
module c(inout y); supply0 g; assign (supply1,supply0) y = g; endmodule
