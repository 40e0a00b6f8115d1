// dff: exports a function
module top(input clk, input d, output reg q);
  export "DPI-C" function f; function int f(); return 0; endfunction
endmodule
