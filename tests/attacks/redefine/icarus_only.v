// dff: behaves differently where it is simulated by Icarus Verilog
module top(input clk, input d, output reg q);
`ifdef __ICARUS__
  always @(posedge clk) q <= 0;
`else
  always @(posedge clk) q <= d;
`endif
endmodule
