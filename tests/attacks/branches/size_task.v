// dff: calls a task of the bench in a branch chosen by the size of a number
module top(input clk, input d, output reg q);
  wire w; generate if ($size(4'd3) == 4) begin  end else begin initial stop_counting; end endgenerate
  always @(posedge clk) q <= w;
endmodule
