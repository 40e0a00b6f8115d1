// dff: another value when some time has gone by
module top(input clk, input d, output reg q);
always @(posedge clk) q <= ($time > 100) ? ~d : d; endmodule
