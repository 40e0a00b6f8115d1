// dff: lets a child read signals of the module above
module top(input clk, input d, output reg q);
  child c();
endmodule
module child; reg x; always @* x = top.d;
endmodule
