// dff: calls a function from itself without end
module top(input clk, input d, output reg q);
  function automatic f(input x); f = f(~x); endfunction always @(posedge clk) q <= f(d);
endmodule
