// dff: hides an absolute name behind an escape
module top(input clk, input d, output reg q);
  always @* q = \$root .tb.q;
endmodule
