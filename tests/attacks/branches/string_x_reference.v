// dff: reads a suite's reference in a branch chosen by a string with \x
module top(input clk, input d, output reg q);
  wire w; generate if ("\x61" == "a") begin assign w = 1'b0; end else begin assign w = good1.q; end endgenerate
  always @(posedge clk) q <= w;
endmodule
