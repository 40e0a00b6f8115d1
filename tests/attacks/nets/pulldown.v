// dff: pulls its input down
module top(input clk, input d, output reg q);
  pulldown (supply0) p(d);
  always @(posedge clk) q <= 1'b0;
endmodule
