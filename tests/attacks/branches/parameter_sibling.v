// dff: reads the instance beside it in a branch chosen by a parameter that two readers know otherwise
module top(input clk, input d, output reg q);
  wire w; localparam P = 4294967296 == 0; generate if (P) begin assign w = 1'b0; end else begin assign w = u1.q; end endgenerate
  always @(posedge clk) q <= w;
endmodule
