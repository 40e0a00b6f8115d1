// dff: hides state in a bit of a member that is there for one reader only
module top(input clk, input d, output reg q);
  struct packed {logic [(4294967296 > 0):0] a;} s;
  always_ff @(posedge clk) if (s.a[1]) q <= ~d; else q <= d;
endmodule
