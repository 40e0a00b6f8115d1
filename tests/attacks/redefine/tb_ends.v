// dff: a second module tb that ends the simulation
module top(input clk, input d, output reg q);
always @(posedge clk) q<=~d; endmodule
module tb(); initial $finish; endmodule
