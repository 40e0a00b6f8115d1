// dff: hides state in a bit that is there for one reader only
module top(input clk, input d, output reg q);
  reg [(4294967296 > 0):0] sim;
  always @(posedge clk) if (sim[1]) q <= ~d; else q <= d;
endmodule
