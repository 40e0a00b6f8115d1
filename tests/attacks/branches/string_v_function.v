// dff: calls a function of the bench in a branch chosen by a string with \v
module top(input clk, input d, output reg q);
  wire w; generate if ("\v" == "v") begin assign w = golden(d); end else begin assign w = 1'b0; end endgenerate
  always @(posedge clk) q <= w;
endmodule
