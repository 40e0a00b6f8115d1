// dff: drives a strength that only some values win against
module top(input clk, input d, output q);
  assign (pull0, weak1) q = d;
endmodule
