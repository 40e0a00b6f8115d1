//// immediate assertion in a procedure [guarded]
module t(input [3:0] a, output logic [3:0] y); always_comb begin y = a + 4'd1; assert (y != a); end endmodule
// right
module t(input [3:0] a, output [3:0] y); assign y = a + 1; endmodule
// wrong
module t(input [3:0] a, output [3:0] y); assign y = a - 1; endmodule
//// deferred and final assertions [guarded]
module t(input clk, input [3:0] a, output logic [3:0] y);
  always_comb begin y = ~a; d: assert #0 (y == ~a) else $error("y"); f: assert final (y !== a); assume #0 (1); cover (a == 3); end
  always_ff @(posedge clk) assert (!$isunknown(clk));
  m: assert final (y != a) else $warning("m");
endmodule
// right
module t(input clk, input [3:0] a, output [3:0] y); assign y = ~a; endmodule
// wrong
module t(input clk, input [3:0] a, output [3:0] y); assign y = -a; endmodule
//// concurrent assertions, properties and sequences [guarded]
module t(input clk, rst, d, output logic q);
  always_ff @(posedge clk) if (rst) q <= 0; else q <= d;
  property p; @(posedge clk) disable iff (rst) d |=> q; endproperty
  sequence s; d ##1 q; endsequence
  a1: assert property (p) else $error("p"); c1: cover property (@(posedge clk) s); assume property (@(posedge clk) $rose(d) |-> d);
  default clocking cb @(posedge clk); endclocking
endmodule
// right
module t(input clk, rst, d, output reg q); always @(posedge clk) q <= d & ~rst; endmodule
// wrong
module t(input clk, rst, d, output reg q); always @(posedge clk) q <= d | rst; endmodule
//// assertion that assigns [guarded]
module t(input [3:0] a, output logic [3:0] y); always_comb begin y = a; assert (a < 10) else y = 4'd9; end endmodule
// right
module t(input [3:0] a, output [3:0] y); assign y = a < 10 ? a : 9; endmodule
// wrong
module t(input [3:0] a, output [3:0] y); assign y = a; endmodule
//// elaboration checks of parameters [guarded]
module t #(parameter W = 4) (input [W-1:0] a, output [W-1:0] y); if (W < 2) begin $error("W"); end else begin $info("fine"); end assign y = a ^ {W{1'b1}}; endmodule
// right
module t(input [3:0] a, output [3:0] y); assign y = ~a; endmodule
// wrong
module t(input [3:0] a, output [3:0] y); assign y = a; endmodule
//// final blocks and reports [guarded]
module t(input clk, input d, output logic q); int n = 0; always_ff @(posedge clk) begin q <= d; n <= n + 1; end final $display("%0d", n); initial if (0) $fatal(1, "no"); endmodule
// right
module t(input clk, input d, output reg q); always @(posedge clk) q <= d; endmodule
// wrong
module t(input clk, input d, output reg q); always @(posedge clk) q <= ~d; endmodule
//// display inside of a process [guarded]
module t(input clk, input d, output logic q); always_ff @(posedge clk) begin q <= d; if (d) $display("d at %t", $time); else $write("."); end endmodule
// right
module t(input clk, input d, output reg q); always @(posedge clk) q <= d; endmodule
// wrong
module t(input clk, input d, output reg q); always @(posedge clk) q <= ~d; endmodule
//// delays behind non-blocking arrows [guarded]
module t(input clk, input d, output reg q); always @(posedge clk) q <= #1 d; endmodule
// right
module t(input clk, input d, output reg q); always @(posedge clk) q <= d; endmodule
// wrong
module t(input clk, input d, output reg q); always @(posedge clk) q <= ~d; endmodule
//// initial blocks that only simulate [guarded]
module t(input clk, input d, output reg [1:0] q); initial begin q = 2; if ($test$plusargs("x")) $display("x"); end always @(posedge clk) q <= {q[0], d}; endmodule
// right
module t(input clk, input d, output [1:0] q); reg [1:0] r; initial r = 2; always @(posedge clk) r <= {r[0], d}; assign q = r; endmodule
// wrong
module t(input clk, input d, output [1:0] q); reg [1:0] r; initial r = 1; always @(posedge clk) r <= {r[0], d}; assign q = r; endmodule
