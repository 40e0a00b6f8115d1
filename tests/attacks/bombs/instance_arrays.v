// dff: multiplies arrays of instances in three levels
module top(input clk, input d, output reg q);
  l0 x[255:0](clk); always @(posedge clk) q <= d;
endmodule
module l0(input k); l1 x[255:0](k); endmodule
module l1(input k); l2 x[255:0](k); endmodule
module l2(input k); reg r; always @(posedge k) r <= ~r;
endmodule
