// mux: oscillates through gates
module top(input [1:0] s, input [3:0] a, output y);
  wire a1, a2, a3; not g1(a1, a3); not g2(a2, a1); not g3(a3, a2); assign y = a3;
  reg k = 1; always @(k) k <= k ^ 1;
endmodule
