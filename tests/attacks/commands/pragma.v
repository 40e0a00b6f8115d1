// dff: gives the simulator orders by a pragma
module top(input clk, input d, output reg q);
`pragma protect begin
  always @(posedge clk) q <= 0;
`pragma protect end
endmodule
