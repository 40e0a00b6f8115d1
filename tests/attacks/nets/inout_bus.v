// dff: a bus of both directions over two inputs
module top(input clk, input d, output q);
reg p; c u({d,clk}); always @(posedge clk) p<=0; assign q=p; endmodule
module c(inout [1:0] y); assign y[1] = 0; endmodule
