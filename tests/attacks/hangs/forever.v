// dff: loops forever without time
module top(input clk, input d, output reg q);
  initial forever q = ~q;
endmodule
