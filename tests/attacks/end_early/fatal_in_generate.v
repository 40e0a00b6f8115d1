// dff: ends elaboration in a generated block
module top(input clk, input d, output reg q);
generate if (1) $fatal(0); endgenerate always @(posedge clk) q<=~d; endmodule
