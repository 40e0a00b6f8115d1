// dff: puts a module of its own into the bench
module top(input clk, input d, output reg q);
  bind tb spy s();
endmodule
module spy; initial $finish;
endmodule
