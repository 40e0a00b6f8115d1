// dff: a task whose argument of both directions is an input
module top(input clk, input d, output q);
reg p; task t(inout o); o = 0; endtask always @(posedge clk) begin t(d); p <= 0; end assign q=p; endmodule
