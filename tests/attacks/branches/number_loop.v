// dff: inverts in a generate loop as long as a number of 33 bits allows
module top(input clk, input d, output reg q);
  genvar i;
  generate for (i = 0; i < (4294967296 == 0); i = i + 1) begin always @(posedge clk) q <= ~d; end
  for (i = 0; i < (4294967296 > 0); i = i + 1) begin always @(posedge clk) q <= d; end endgenerate
endmodule
