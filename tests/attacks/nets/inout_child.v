// dff: lets a child drive its input
module top(input clk, input d, output reg q);
  child c(d);
  always @(posedge clk) q <= 1'b0;
endmodule
module child(inout x); assign (supply0, supply1) x = 1'b0; endmodule
