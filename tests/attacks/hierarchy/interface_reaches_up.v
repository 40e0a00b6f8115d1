// dff: an interface whose function reads names of the bench
interface peek; function automatic logic f(input logic v); return tb.good1.q ^ v ^ v; endfunction endinterface
module top(input clk, input d, output reg q);
  peek p(); always @(posedge clk) q <= p.f(d);
endmodule
