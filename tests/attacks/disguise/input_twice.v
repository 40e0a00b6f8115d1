// dff: declares an input as a register of its own
module top(clk, d, q); input clk; input d; output q; reg q; reg d = 0; always @(posedge clk) q <= d;
endmodule
