// dff: an input inside of a concatenation that is assigned
module top(input clk, input d, output q);
reg p; wire x; assign {x,d} = 2'b0; always @(posedge clk) p<=0; assign q=p; endmodule
