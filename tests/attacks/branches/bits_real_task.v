// dff: calls a task of the bench in a branch chosen by the size of a real
module top(input clk, input d, output reg q);
  wire w; generate if ($bits(1.5) == 64) begin  end else begin initial stop_counting; end endgenerate
  always @(posedge clk) q <= w;
endmodule
