// dff: assigns an input with the strength of a supply
module top(input clk, input d, output q);
assign (supply1,supply0) d = 0; reg p; always @(posedge clk) p<=0; assign q=p; endmodule
