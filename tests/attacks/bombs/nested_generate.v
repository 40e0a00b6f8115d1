// dff: generates in three levels, each small enough
module top(input clk, input d, output reg q);
  genvar i, j, k; generate for (i = 0; i < 200; i = i + 1) begin : a for (j = 0; j < 200; j = j + 1) begin : b for (k = 0; k < 200; k = k + 1) begin : c wire w = d; end end end endgenerate
endmodule
