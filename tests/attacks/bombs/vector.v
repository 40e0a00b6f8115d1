// dff: declares a vector of 16 million bits and uses it
module top(input clk, input d, output reg q);
  reg [16777215:0] w; always @(posedge clk) begin w <= ~w; q <= ^w; end
endmodule
