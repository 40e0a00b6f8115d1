// dff: names of the bench in a branch of an interface that one reader finds dead
interface peek; logic v; if ($bits("\x41") == 8) assign v = 0; else assign v = tb.good1.q; endinterface
module top(input clk, input d, output reg q);
  peek p(); always @(posedge clk) q <= p.v ^ ~d;
endmodule
