// dff: loops inside of a function
module top(input clk, input d, output reg q);
  function f(input x); begin f = x; while (1) f = ~f; end endfunction always @(posedge clk) q <= f(d);
endmodule
