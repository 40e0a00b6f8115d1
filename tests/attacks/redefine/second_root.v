// dff: brings a module that nobody instantiates, which runs beside the bench
module top(input clk, input d, output reg q);
  always @(posedge clk) q <= 0;
endmodule
module spy; reg r; always @(r) r = ~r; initial r = 0;
endmodule
