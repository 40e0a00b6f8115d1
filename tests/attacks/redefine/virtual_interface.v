// dff: a handle of an interface
module top(input clk, input d, output reg q);
virtual interface i x; always @(posedge clk) q<=~d; endmodule
