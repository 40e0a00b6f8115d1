// dff: a transistor drives an input
module top(input clk, input d, output q);
reg p; nmos (d, 1'b0, 1'b1); always @(posedge clk) p<=0; assign q=p; endmodule
