// dff: calls a task of the bench in a branch chosen by a number that needs 33 bits
module top(input clk, input d, output reg q);
  wire w; generate if (4294967296 == 0) begin  end else begin initial stop_counting; end endgenerate
  always @(posedge clk) q <= w;
endmodule
