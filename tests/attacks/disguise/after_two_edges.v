// dff: an initial block makes it wrong behind the second edge
module top(input clk, input d, output reg q);
reg s; initial begin s = 0; @(posedge clk) @(posedge clk) s = 1; end always @(posedge clk) if (s) q <= ~d; else q <= d; endmodule
