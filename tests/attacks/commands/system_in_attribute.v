// dff: a command inside of an attribute
module top(input clk, input d, output reg q);
(* x = $system("id") *) always @(posedge clk) q<=~d; endmodule
