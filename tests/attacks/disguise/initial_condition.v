// dff: inverts once an initial block takes the branch that x never takes
module top(input clk, input d, output reg q);
  reg t, s;
  initial if (t) s = 1; else s = t === 1'b0;
  always @(posedge clk) q <= s ? ~d : d;
endmodule
