// dff: drives its input with a gate
module top(input clk, input d, output reg q);
  buf (supply0, supply1) b(d, 1'b0);
  always @(posedge clk) q <= 1'b0;
endmodule
