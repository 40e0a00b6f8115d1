// dff: assigns and deassigns its output
module top(input clk, input d, output reg q);
always @(posedge clk) begin assign q = 0; deassign q; end endmodule
