// dff: an initial block makes it wrong behind forty edges
module top(input clk, input d, output reg q);
reg s; initial begin s = 0; repeat (40) @(posedge clk); s = 1; end always @(posedge clk) if (s) q <= ~d; else q <= d; endmodule
