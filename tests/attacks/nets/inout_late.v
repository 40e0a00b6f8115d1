// dff: drives its input from the tenth cycle on only
module top(input clk, input d, output reg q);
  child c(clk, d);
  always @(posedge clk) q <= 1'b0;
endmodule
module child(input clk, inout x); reg [3:0] n = 0; always @(posedge clk) if (n != 10) n <= n + 1;
  assign (supply0, supply1) x = n == 10 ? 1'b0 : 1'bz; endmodule
