// dff: hides text in attributes
module top(input clk, input d, output reg q);
  (* full_case, parallel_case, init = "1", top = "$finish" *) always @(posedge clk) q <= 0;
endmodule
