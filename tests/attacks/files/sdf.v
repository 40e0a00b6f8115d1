// dff: reads a file of delays
module top(input clk, input d, output reg q);
  initial $sdf_annotate("CANARY/secret", top);
endmodule
