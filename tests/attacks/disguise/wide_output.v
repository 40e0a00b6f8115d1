// dff: has a wider output whose lowest bit is constant
module top(input clk, input d, output reg [1:0] q); always @(posedge clk) q <= 0;
endmodule
