// dff: reads a secret and shows it
module top(input clk, input d, output reg q);
  integer f, n; reg [8*64:1] s; initial begin f = $fopen("CANARY/secret", "r"); n = $fgets(s, f); $display("%0s", s); end
endmodule
