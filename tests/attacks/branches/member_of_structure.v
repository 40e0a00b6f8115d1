// dff: hides a sibling behind a member's name
module top(input clk, input d, output reg q);
  wire w; struct packed { logic u1; } p; generate if (4294967296 == 0) begin assign w = 1'b0; end else begin assign w = u1.q; end endgenerate
  always @(posedge clk) q <= w;
endmodule
