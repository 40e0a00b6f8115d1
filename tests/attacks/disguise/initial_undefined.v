// dff: inverts unless an initial block finds x in a register
module top(input clk, input d, output reg q);
  reg t, s;
  initial s = (t !== 1'bx);
  always @(posedge clk) q <= s ? ~d : d;
endmodule
