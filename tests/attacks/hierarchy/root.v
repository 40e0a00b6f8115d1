// dff: reads from the root of the hierarchy
module top(input clk, input d, output reg q);
  always @* q = $root.tb.good1.q;
endmodule
