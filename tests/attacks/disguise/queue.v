// dff: counts in a queue, and turns wrong
module top(input clk, input d, output reg q);
int s[$]; always @(posedge clk) begin s.push_back(1); q <= s.size() > 50 ? ~d : d; end endmodule
