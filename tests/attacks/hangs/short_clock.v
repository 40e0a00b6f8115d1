// dff: makes a clock of its own
module top(input clk, input d, output reg q);
  reg k = 0; always #1 k = ~k; always @(posedge k) q <= d;
endmodule
