// dff: inverts unless a net that follows from x is x when the power comes on
module top(input clk, input d, output reg q);
  reg t, s;
  wire w = (t === 1'b0) | (t === 1'b1);
  initial s = w;
  always @(posedge clk) q <= s ? ~d : d;
endmodule
