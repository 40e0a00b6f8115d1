// dff: swaps the names of its ports
module top(input d, input clk, output reg q); always @(posedge d) q <= clk;
endmodule
