// dff: has a block without any event
module top(input clk, input d, output reg q);
  always q = ~q;
endmodule
