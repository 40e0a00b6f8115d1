// mux: connects its ports by switches, to read or drive them backwards
module top(input [1:0] s, input [3:0] a, output y);
  tran t(y, a[0]);
endmodule
