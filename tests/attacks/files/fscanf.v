// dff: reads a secret word by word
module top(input clk, input d, output reg q);
  integer f, n; reg [31:0] v; initial begin f = $fopen("CANARY/secret", "r"); n = $fscanf(f, "%s", v); q = v[0]; end
endmodule
