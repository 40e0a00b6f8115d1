// dff: lets a grandchild drive its input
module top(input clk, input d, output reg q);
  child c(d);
  always @(posedge clk) q <= 1'b0;
endmodule
module child(inout x); grandchild g(x); endmodule
module grandchild(inout x); assign (supply0, supply1) x = 1'b0; endmodule
