// dff: calls a task of the bench in a branch chosen by a string with \x
module top(input clk, input d, output reg q);
  wire w; generate if ("\x61" == "a") begin  end else begin initial stop_counting; end endgenerate
  always @(posedge clk) q <= w;
endmodule
