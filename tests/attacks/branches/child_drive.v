// dff: drives a sibling in a branch chosen by an instance whose parameter two readers know otherwise
module top(input clk, input d, output reg q);
  wire w; child #(.P(4294967296 == 0)) c(clk, d, w); always @(posedge clk) q <= w;
endmodule
module child #(parameter P = 1)(input clk, input d, output w);
  generate if (P) begin  end else begin always @(posedge clk) u0.q <= ~u0.q; end endgenerate
endmodule
