// dff: wrong in the one branch, and the reference's answer in the other one, by !(int'(2.5) == 3)
module top(input clk, input d, output q);
  generate
    if (!(int'(2.5) == 3)) begin : g assign q = ~d; end
    else begin : h assign q = good1.q; end
  endgenerate
endmodule
