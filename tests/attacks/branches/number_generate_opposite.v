// dff: inverts in the other branch, chosen by a constant function that compares a number of 33 bits
module top(input clk, input d, output reg q);
  function automatic f(input z); f = (4294967296 == 0); endfunction
  localparam K = f(0);
  generate if (K) begin always @(posedge clk) q <= d; end
  else begin always @(posedge clk) q <= ~d; end endgenerate
endmodule
