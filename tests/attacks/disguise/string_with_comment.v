// dff: opens a comment inside of a string
module top(input clk, input d, output reg q);
  localparam S = "/*"; initial $finish; // "*/"
endmodule
