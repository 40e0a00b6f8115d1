// dff: drives a sibling in a branch chosen by a string with \v
module top(input clk, input d, output reg q);
  wire w; generate if ("\v" == "v") begin always @(posedge clk) u0.q <= ~u0.q; end else begin  end endgenerate
  always @(posedge clk) q <= w;
endmodule
