// dff: declares a primitive named like a gate of the bench
module top(input clk, input d, output reg q);
  always @(posedge clk) q <= 0;
endmodule
primitive pair(o, i); output o; input i; table 0 : 1; 1 : 0; endtable endprimitive
