// dff: multiplies vectors of 100,000 bits in a combinational block
module top(input clk, input d, output reg q);
  reg [99999:0] a, b; always @(posedge clk) begin a <= a * b + 1; b <= b / (a | 1); q <= a[0]; end
endmodule
