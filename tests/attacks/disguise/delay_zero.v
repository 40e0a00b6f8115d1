// dff: a wrong value, a delta later
module top(input clk, input d, output reg q);
always @(posedge clk) q = #0 ~d; endmodule
