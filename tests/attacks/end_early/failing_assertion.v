// dff: an assertion that fails and ends the simulation
module top(input clk, input d, output reg q);
always @(posedge clk) begin assert (0) else $fatal; q<=~d; end endmodule
