// dff: generates without end
module top(input clk, input d, output reg q);
  genvar i; generate for (i = 0; i < 1; i = i) begin : g wire w = d; end endgenerate
endmodule
