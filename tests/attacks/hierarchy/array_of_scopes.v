// dff: reaches into an element of an array of instances
module top(input clk, input d, output reg q);
  child c[3:0](); always @* q = c[2].x;
endmodule
module child; reg x = 1;
endmodule
