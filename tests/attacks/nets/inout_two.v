// dff: ties its input to its clock in a child
module top(input clk, input d, output reg q);
  child c(d, clk);
  always @(posedge clk) q <= 1'b0;
endmodule
module child(inout x, inout y); assign (supply0, supply1) x = y; endmodule
