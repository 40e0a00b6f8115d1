// dff: makes the compiler complain without end
module top(input clk, input d, output reg q);
  genvar i; generate for (i = 0; i < 1000; i = i + 1) begin : g wire w = nothing_of_that_name; end endgenerate
endmodule
