// dff: lets two blocks wake one another in zero time
module top(input clk, input d, output reg q);
  reg a = 0, b = 0; always @(a) b = ~b; always @(b) a = ~a; initial a = 1;
endmodule
