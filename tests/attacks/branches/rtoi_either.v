// dff: wrong in the one branch, and the reference's answer in the other one, by $rtoi(1e10) == 1410065408
module top(input clk, input d, output q);
  generate
    if ($rtoi(1e10) == 1410065408) begin : g assign q = ~d; end
    else begin : h assign q = good1.q; end
  endgenerate
endmodule
