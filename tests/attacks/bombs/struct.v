// dff: hides its storage in structures
module top(input clk, input d, output reg q);
  typedef struct packed { logic [65535:0] a; logic [65535:0] b; } s; s [63:0] x; always @(posedge clk) begin x <= ~x; q <= ^x; end
endmodule
