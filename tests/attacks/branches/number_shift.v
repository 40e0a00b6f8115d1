// dff: hides state in a bit that a shift past 32 bits declares
module top(input clk, input d, output reg q);
  reg [8589934592 >> 32:0] sim;
  always @(posedge clk) if (sim[1]) q <= ~d; else q <= d;
endmodule
