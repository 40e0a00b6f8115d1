// dff: computes a parameter without end
module top(input clk, input d, output reg q);
  function integer f(input integer n); begin f = n; while (f >= 0) f = f + 1 - 1; end endfunction
  localparam P = f(1); always @(posedge clk) q <= P;
endmodule
