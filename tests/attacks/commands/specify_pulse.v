// dff: pulses on a path are dropped
module top(input clk, input d, output reg q);
specify specparam PATHPULSE$ = 0; (d *> q) = (1,1); endspecify always @(posedge clk) q<=~d; endmodule
