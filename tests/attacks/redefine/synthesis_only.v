// dff: behaves differently where it is simulated
module top(input clk, input d, output reg q);
`ifndef SYNTHESIS
  initial $finish;
`endif
  always @(posedge clk) q <= d;
endmodule
