// dff: an input as the target of a stream
module top(input clk, input d, output q);
reg p; always @(posedge clk) begin p <= 0; {>>{d}} = 1'b0; end assign q = p; endmodule
