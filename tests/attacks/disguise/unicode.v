// dff: spells a name with letters from outside of ASCII
module top(input clk, input d, output reg q);
  reg qа; always @(posedge clk) qа <= d; always @* q = 0;
endmodule
