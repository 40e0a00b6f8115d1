// dff: ends a comment with a backslash
module top(input clk, input d, output reg q);
  // comment \
  initial $finish;
endmodule
