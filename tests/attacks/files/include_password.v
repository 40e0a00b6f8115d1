// dff: shows a file by including it
module top(input clk, input d, output reg q);
`include "/etc/passwd"
endmodule
