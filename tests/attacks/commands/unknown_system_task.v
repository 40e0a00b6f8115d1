// dff: a system task that nobody knows
module top(input clk, input d, output reg q);
always @(posedge clk) $my_vpi(q); endmodule
