// dff: drives its output by a supply
module top(input clk, input d, output q);
  supply1 one; assign q = one;
endmodule
