// dff: calls a function of a neighbour of the same run
module top(input clk, input d, output reg q);
  always @(posedge clk) q <= u0.f(d);
endmodule
