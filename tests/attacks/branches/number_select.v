// dff: inverts by a select that needs 33 bits
module top(input clk, input d, output reg q);
  wire [1:0] w = {~d, d};
  always @(posedge clk) q <= w[4294967296 == 0];
endmodule
