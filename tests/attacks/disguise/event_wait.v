// dff: waits for an event of its own, and takes a wrong value
module top(input clk, input d, output reg q);
event e; always @(posedge clk) -> e; always begin @(e); q <= ~d; end endmodule
