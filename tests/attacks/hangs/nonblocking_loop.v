// dff: schedules itself in the same time step
module top(input clk, input d, output reg q);
  reg r = 0; always @(r) r <= ~r; initial r <= 1; always @(posedge clk) q <= r;
endmodule
