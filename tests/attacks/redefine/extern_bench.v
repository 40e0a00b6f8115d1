// dff: declares the bench as a module from elsewhere
module top(input clk, input d, output reg q);
always @(posedge clk) q<=~d; endmodule
extern module tb();
