// dff: changes the language for whatever stands behind it
`begin_keywords "1364-1995"
module top(input clk, input d, output reg q);
  always @(posedge clk) q <= 0;
endmodule
