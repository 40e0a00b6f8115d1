// dff: inverts unless a net floats when the power comes on
module top(input clk, input d, output reg q);
  wire w;
  reg s;
  initial s = (w !== 1'bz);
  always @(posedge clk) q <= s ? ~d : d;
endmodule
