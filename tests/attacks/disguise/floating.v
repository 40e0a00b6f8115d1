// dff: drives Z
module top(input clk, input d, output reg q);
  wire z; always @* q = z;
endmodule
