// dff: inverts in a branch that hangs on a sum of more than 31 bits
module top(input clk, input d, output reg q);
  generate if (2147483647 + 1 < 0) begin always @(posedge clk) q <= ~d; end
  else begin always @(posedge clk) q <= d; end endgenerate
endmodule
