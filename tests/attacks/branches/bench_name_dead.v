// dff: a name of the bench in a dead branch
module top(input clk, input d, output reg q);
generate if (0) begin always @* q = tb.good1.q; end else always @(posedge clk) q <= ~d; endgenerate endmodule
