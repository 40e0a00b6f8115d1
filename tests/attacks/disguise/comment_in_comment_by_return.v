// dff: opens a comment behind a lone carriage return, which only some tools see
module top(input clk, input d, output reg q);
  //  /*
  initial $finish; // */
endmodule
