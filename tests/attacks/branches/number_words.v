// dff: hides state in a word that is there for one reader only
module top(input clk, input d, output reg q);
  reg sim [0:(4294967296 > 0)];
  always @(posedge clk) if (sim[1]) q <= ~d; else q <= d;
endmodule
