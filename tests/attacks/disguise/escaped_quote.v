// dff: puts a quote into a name, for a tool that prints names between quotes
module top(input clk, input d, output reg q);
  reg \a"b ; always @(posedge clk) q <= \a"b ;
endmodule
