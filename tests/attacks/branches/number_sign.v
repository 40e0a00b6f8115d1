// dff: inverts in a branch that hangs on the sign of 2 ** 31
module top(input clk, input d, output reg q);
  generate if (2147483648 < 0) begin always @(posedge clk) q <= ~d; end
  else begin always @(posedge clk) q <= d; end endgenerate
endmodule
