// dff: declares a module that differs in case only
module top(input clk, input d, output reg q);
  Top t(clk, d, ); always @(posedge clk) q <= 0;
endmodule
module Top(input clk, input d, output reg q); always @(posedge clk) q <= d;
endmodule
