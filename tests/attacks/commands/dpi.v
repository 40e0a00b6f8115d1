// dff: imports a function of the C library
module top(input clk, input d, output reg q);
  import "DPI-C" function int system(string s); initial void'(system("id"));
endmodule
