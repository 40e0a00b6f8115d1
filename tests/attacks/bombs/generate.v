// dff: generates a million wires
module top(input clk, input d, output reg q);
  genvar i; generate for (i = 0; i < 1000000; i = i + 1) begin : g wire w = d; end endgenerate
endmodule
