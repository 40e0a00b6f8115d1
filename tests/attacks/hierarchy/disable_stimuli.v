// dff: disables a block of the suites' benches
module top(input clk, input d, output reg q);
always @(posedge clk) begin : b disable stim1; q <= ~d; end endmodule
