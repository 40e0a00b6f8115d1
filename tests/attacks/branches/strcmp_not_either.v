// dff: wrong in the one branch, and the reference's answer in the other one, by !("ab" < "b")
module top(input clk, input d, output q);
  generate
    if (!("ab" < "b")) begin : g assign q = ~d; end
    else begin : h assign q = good1.q; end
  endgenerate
endmodule
