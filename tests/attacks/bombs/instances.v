// dff: doubles its instances in twenty levels
module top(input clk, input d, output reg q);
  l0 x(clk); always @(posedge clk) q <= d;
endmodule
module l0(input k); l1 a(k); l1 b(k); endmodule
module l1(input k); l2 a(k); l2 b(k); endmodule
module l2(input k); l3 a(k); l3 b(k); endmodule
module l3(input k); l4 a(k); l4 b(k); endmodule
module l4(input k); l5 a(k); l5 b(k); endmodule
module l5(input k); l6 a(k); l6 b(k); endmodule
module l6(input k); l7 a(k); l7 b(k); endmodule
module l7(input k); l8 a(k); l8 b(k); endmodule
module l8(input k); l9 a(k); l9 b(k); endmodule
module l9(input k); l10 a(k); l10 b(k); endmodule
module l10(input k); l11 a(k); l11 b(k); endmodule
module l11(input k); l12 a(k); l12 b(k); endmodule
module l12(input k); l13 a(k); l13 b(k); endmodule
module l13(input k); l14 a(k); l14 b(k); endmodule
module l14(input k); l15 a(k); l15 b(k); endmodule
module l15(input k); l16 a(k); l16 b(k); endmodule
module l16(input k); l17 a(k); l17 b(k); endmodule
module l17(input k); l18 a(k); l18 b(k); endmodule
module l18(input k); l19 a(k); l19 b(k); endmodule
module l19(input k); l20 a(k); l20 b(k); endmodule
module l20(input k); reg r; always @(posedge k) r <= ~r;
endmodule
