// dff: hides the width of a vector in parameters
module top(input clk, input d, output reg q);
  parameter A = 1 << 15; parameter B = A * 16384; reg [B-1:0] w; always @(posedge clk) begin w <= w + d; q <= ^w; end
endmodule
