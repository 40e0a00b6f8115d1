// dff: inverts unless an initial block finds x in a memory
module top(input clk, input d, output reg q);
  reg [1:0] t [0:3];
  reg s;
  initial s = (t[2] !== 2'bxx);
  always @(posedge clk) q <= s ? ~d : d;
endmodule
