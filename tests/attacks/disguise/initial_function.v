// dff: inverts unless a function called before all else finds x
module top(input clk, input d, output reg q);
  reg t, s;
  function f(input z); f = (t !== 1'bx); endfunction
  initial s = f(0);
  always @(posedge clk) q <= s ? ~d : d;
endmodule
