// dff: declares its module twice, right and wrong
module top(input clk, input d, output reg q);
  always @(posedge clk) q <= d;
endmodule
module top(input clk, input d, output reg q);
  always @(posedge clk) q <= 0;
endmodule
