// dff: assigns an input at each edge
module top(input clk, input d, output q);
reg p; always @(posedge clk) begin p<=0; d <= 0; end assign q=p; endmodule
