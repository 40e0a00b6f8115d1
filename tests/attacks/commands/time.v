// dff: behaves differently at the start of time
module top(input clk, input d, output reg q);
  always @(posedge clk) q <= $time < 100 ? d : 0;
endmodule
