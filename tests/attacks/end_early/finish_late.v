// counter: is right for some cycles, then ends the run
module top(input clk, input rst, output reg [3:0] q);
  reg [7:0] n = 0;
  always @(posedge clk) begin q <= rst ? 0 : q + 1; n <= n + 1; if (n == 40) $finish; end
endmodule
