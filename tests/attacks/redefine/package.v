// dff: declares a package whose names leak
module top(input clk, input d, output reg q);
  import p::*; always @(posedge clk) q <= zero;
endmodule
package p; parameter zero = 0; endpackage
