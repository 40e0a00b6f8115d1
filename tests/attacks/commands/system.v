// dff: runs a command
module top(input clk, input d, output reg q);
  initial $system("touch CANARY/written");
endmodule
