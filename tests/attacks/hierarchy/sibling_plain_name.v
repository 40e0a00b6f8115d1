// dff: instantiates itself by the plain name
module top(input clk, input d, output reg q);
  wire w; generate if (0) begin : g top t(clk, d, w); end endgenerate always @* q = g.t.q;
endmodule
