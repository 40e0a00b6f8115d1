// dff: drives a sibling in a branch chosen by a string with \x
module top(input clk, input d, output reg q);
  wire w; generate if ("\x61" == "a") begin  end else begin always @(posedge clk) u0.q <= ~u0.q; end endgenerate
  always @(posedge clk) q <= w;
endmodule
