// dff: hides its storage in the variables of a function
module top(input clk, input d, output reg q);
  function f(input i); reg [16000000:0] w; begin w = {16000000{i}}; f = ^w; end endfunction always @* q = f(d);
endmodule
