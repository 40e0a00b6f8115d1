// dff: changes parameters from the outside
module top(input clk, input d, output reg q);
  child c(); defparam c.W = 3;
endmodule
module child; parameter W = 1;
endmodule
