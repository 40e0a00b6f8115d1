// dff: an instance of the suites' reference in a dead branch
module top(input clk, input d, output reg q);
generate if (0) begin reference_module g(clk,d,q); end endgenerate always @(posedge clk) q <= ~d; endmodule
