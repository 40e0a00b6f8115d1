// dff: includes its own file without end
`include "design.v"
module top(input clk, input d, output reg q);
endmodule
