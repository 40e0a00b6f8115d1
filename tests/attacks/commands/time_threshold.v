// dff: another value when some time has gone by
module top(input clk, input d, output reg q);
always @(posedge clk) q <= ($time > 1000) ? ~d : d; endmodule
