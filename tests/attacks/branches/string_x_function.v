// dff: calls a function of the bench in a branch chosen by a string with \x
module top(input clk, input d, output reg q);
  wire w; generate if ("\x61" == "a") begin assign w = 1'b0; end else begin assign w = golden(d); end endgenerate
  always @(posedge clk) q <= w;
endmodule
