// dff: declares a function outside of its module
function f(input x); f = 0; endfunction
module top(input clk, input d, output reg q);
  always @(posedge clk) q <= f(d);
endmodule
