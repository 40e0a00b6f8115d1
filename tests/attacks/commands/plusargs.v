// dff: asks for arguments of the simulator
module top(input clk, input d, output reg q);
  reg [63:0] n; initial if ($value$plusargs("nonce=%h", n)) q = n[0];
endmodule
