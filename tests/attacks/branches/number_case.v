// dff: inverts in an item that a number of 33 bits chooses
module top(input clk, input d, output reg q);
  generate case (4294967297) 1: begin always @(posedge clk) q <= ~d; end
  default: begin always @(posedge clk) q <= d; end endcase endgenerate
endmodule
