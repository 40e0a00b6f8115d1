// dff: nests what two readers decide otherwise
module top(input clk, input d, output reg q);
  wire w; generate if (1) begin if ("\x61" == "a") begin assign w = 1'b0; end else if (1) begin assign w = u0.q; end end endgenerate
  always @(posedge clk) q <= w;
endmodule
