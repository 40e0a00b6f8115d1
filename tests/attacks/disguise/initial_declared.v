// dff: inverts unless a variable is declared with what x is compared with
module top(input clk, input d, output reg q);
  reg t;
  reg s = (t !== 1'bx);
  always @(posedge clk) q <= s ? ~d : d;
endmodule
