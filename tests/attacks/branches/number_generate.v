// dff: inverts in a branch that hangs on a number of 33 bits
module top(input clk, input d, output reg q);
  generate if (4294967296 == 0) begin always @(posedge clk) q <= ~d; end
  else begin always @(posedge clk) q <= d; end endgenerate
endmodule
