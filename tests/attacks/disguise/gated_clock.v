// dff: the clock gated by the input
module top(input clk, input d, output reg q);
wire c = clk & d; always @(posedge c) q <= d; endmodule
