// dff: an interface beside a wrong register
module top(input clk, input d, output reg q);
i x(); always @(posedge clk) q<=~d; endmodule
interface i; logic z; endinterface
