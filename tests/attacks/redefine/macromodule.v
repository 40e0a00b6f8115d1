// dff: declares its module by another keyword
macromodule top(input clk, input d, output reg q);
  initial $finish;
endmodule
