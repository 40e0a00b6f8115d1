// dff: an event of its own in the place of the clock, and a wrong value
module top(input clk, input d, output reg q);
event e; always @(posedge clk) -> e; always @(e) q <= ~d; endmodule
