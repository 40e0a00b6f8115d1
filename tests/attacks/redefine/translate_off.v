// dff: hides code behind a comment that synthesis skips
module top(input clk, input d, output reg q);
  // synthesis translate_off
  initial $finish;
  // synthesis translate_on
endmodule
