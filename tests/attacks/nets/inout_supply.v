// dff: ties its input to a supply in a child
module top(input clk, input d, output reg q);
  child c(d);
  always @(posedge clk) q <= 1'b0;
endmodule
module child(inout x); supply1 v; assign (supply0, supply1) x = v; endmodule
