// dff: declares a module named like a bench that does nothing
module top(input clk, input d, output reg q);
  tb t(); always @(posedge clk) q <= 0;
endmodule
module tb;
endmodule
