// dff: resets all directives
`resetall
module top(input clk, input d, output reg q);
`resetall
  always @(posedge clk) q <= 0;
endmodule
