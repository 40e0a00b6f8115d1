// counter: ends the run in the action of an assertion, which a reference might hold
module top(input clk, input rst, output reg [3:0] q);
  always @(posedge clk) begin q <= 0; assert (q === 1) else $finish; end
endmodule
