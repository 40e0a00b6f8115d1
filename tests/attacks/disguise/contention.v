// dff: two drivers that contradict each other make an x that hides a wrong value
module top(input clk, input d, output reg q);
wire s; assign s = d; assign s = ~d; always @(posedge clk) if (s) q <= ~d; else q <= d; endmodule
