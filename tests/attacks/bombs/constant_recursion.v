// dff: computes a parameter by recursion without end
module top(input clk, input d, output reg q);
  function automatic integer f(input integer n); f = f(n + 1); endfunction
  localparam P = f(0); always @(posedge clk) q <= P;
endmodule
