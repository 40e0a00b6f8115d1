// dff: reads a sibling in an item of a case
module top(input clk, input d, output reg q);
  wire w; generate case (4294967296) 0: begin assign w = u1.q; end default: begin assign w = 1'b0; end endcase endgenerate
  always @(posedge clk) q <= w;
endmodule
