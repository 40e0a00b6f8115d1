// dff: inverts unless an input is undefined when the power comes on
module top(input clk, input d, output reg q);
  reg s;
  initial s = (d === 1'b0) || (d === 1'b1);
  always @(posedge clk) q <= s ? ~d : d;
endmodule
