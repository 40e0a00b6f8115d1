// dff: calls a task of the bench in a branch chosen by a parameter that two readers know otherwise
module top(input clk, input d, output reg q);
  wire w; localparam P = 4294967296 == 0; generate if (P) begin  end else begin initial stop_counting; end endgenerate
  always @(posedge clk) q <= w;
endmodule
