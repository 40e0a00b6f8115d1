// dff: chooses other modules by a configuration
module top(input clk, input d, output reg q);
  always @(posedge clk) q <= 0;
endmodule
config c; design top; instance top.u use other; endconfig
