// dff: hides a directive in an escaped name
module top(input clk, input d, output reg q);
  wire \`include ; always @(posedge clk) q <= \`include ;
endmodule
