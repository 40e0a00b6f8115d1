// dff: releases what somebody has forced
module top(input clk, input d, output reg q);
  initial release q;
endmodule
