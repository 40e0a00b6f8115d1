// dff: a wrong register behind a let
module top(input clk, input d, output reg q);
let f(x) = ~x; always @(posedge clk) q <= f(d); endmodule
