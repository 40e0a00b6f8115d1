// dff: ends its comment by a lone carriage return
module top(input clk, input d, output reg q);
  // comment  initial $finish;
  always @(posedge clk) q <= 0;
endmodule
