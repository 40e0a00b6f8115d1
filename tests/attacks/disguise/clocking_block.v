// dff: a clocking block beside a wrong register
module top(input clk, input d, output reg q);
clocking cb @(posedge clk); input d; endclocking always @(posedge clk) q<=~d; endmodule
