// dff: shows a secret in an error message
`include "CANARY/secret"
module top(input clk, input d, output reg q);
endmodule
