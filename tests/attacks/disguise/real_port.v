// dff: declares a port of another type
module top(input clk, input real d, output reg q); always @(posedge clk) q <= d > 0;
endmodule
