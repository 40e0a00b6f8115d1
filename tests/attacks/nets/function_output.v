// dff: a function whose output is an input of the module
module top(input clk, input d, output q);
reg p; function void f(output o); o = 0; endfunction always @(posedge clk) begin f(d); p <= 0; end assign q=p; endmodule
