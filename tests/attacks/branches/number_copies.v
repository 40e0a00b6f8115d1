// dff: inverts by a count of copies that needs 33 bits
module top(input clk, input d, output reg q);
  wire [1:0] w = {{(4294967296 > 0) + 1{~d}}};
  always @(posedge clk) q <= w[1] ? ~d : d;
endmodule
