// dff: declares a number of four billion bits
module top(input clk, input d, output reg q);
  wire [31:0] w = 4294967295'd1; always @(posedge clk) q <= w[0];
endmodule
