// dff: turns the direction of its text around in a comment
module top(input clk, input d, output reg q);
  always @(posedge clk) q <= /* ‮ ;0 */ 0; // ⁦
endmodule
