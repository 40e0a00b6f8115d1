// dff: moves errors to another file by a line directive
module top(input clk, input d, output reg q);
`line 1 "bench.v" 1
  always @(posedge clk) q <= 0;
endmodule
