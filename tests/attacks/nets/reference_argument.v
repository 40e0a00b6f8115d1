// dff: a constant in place of the register, behind a function with a reference argument
module top(input clk, input d, output q);
reg p; function automatic void f(ref logic o); o = 0; endfunction always @(posedge clk) p<=0; assign q=p; endmodule
