// dff: computes a huge power in a parameter
module top(input clk, input d, output reg q);
  localparam [65535:0] P = 65536'd3 ** 65536'd65535; always @(posedge clk) q <= P[0];
endmodule
