// dff: declares a function whose escaped name is that of a system function
module top(input clk, input d, output reg q);
  function [31:0] \$fopen (input [79:0] s); \$fopen = 0; endfunction
  integer f; initial f = \$fopen ("CANARY/written");
endmodule
