// dff: wrong in the one branch, and the reference's answer in the other one, by (4'd15 + 4'd1) >> 1 == 8
module top(input clk, input d, output q);
  generate
    if ((4'd15 + 4'd1) >> 1 == 8) begin : g assign q = ~d; end
    else begin : h assign q = good1.q; end
  endgenerate
endmodule
