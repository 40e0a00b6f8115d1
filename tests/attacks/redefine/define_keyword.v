// dff: gives a keyword another meaning
`define posedge negedge
module top(input clk, input d, output reg q);
  always @(`posedge clk) q <= d;
endmodule
