// dff: hides a wrong value behind the length of a text
module top(input clk, input d, output reg q);
string s = "x"; always @(posedge clk) q <= s.len() == 0 ? d : ~d; endmodule
