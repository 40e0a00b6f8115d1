// dff: replicates replications
module top(input clk, input d, output reg q);
  wire [7:0] w = {1000{{1000{{1000{d}}}}}}; always @(posedge clk) q <= w[0];
endmodule
