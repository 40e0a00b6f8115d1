//// an input of words
module t(input logic [7:0] a [0:3], input [1:0] i, output logic [7:0] y); assign y = a[i]; endmodule
// right
module t(input logic [7:0] a [4], input [1:0] i, output logic [7:0] y); always_comb case (i) 0: y = a[0]; 1: y = a[1]; 2: y = a[2]; default: y = a[3]; endcase endmodule
// wrong
module t(input logic [7:0] a [4], input [1:0] i, output logic [7:0] y); assign y = a[3 - i]; endmodule
//// left to left, whatever the indices are
module t(input logic [7:0] a [3:0], input [1:0] i, output logic [7:0] y); assign y = a[i]; endmodule
// right
module t(input logic [7:0] a [0:3], input [1:0] i, output logic [7:0] y); assign y = a[3 - i]; endmodule
// wrong
module t(input logic [7:0] a [0:3], input [1:0] i, output logic [7:0] y); assign y = a[i]; endmodule
//// outputs in a clocked design, through a child
module t(input clk, rst, input [3:0] d, output logic [3:0] q [0:2], output logic [3:0] m [2:0]);
  always_ff @(posedge clk) if (rst) q <= '{default: 0}; else begin q[0] <= d; q[1] <= q[0]; q[2] <= q[1]; end
  sub u(.i(q), .o(m));
endmodule
module sub(input logic [3:0] i [3], output logic [3:0] o [3]); always_comb foreach (o[n]) o[n] = ~i[2 - n]; endmodule
// right
module t(input clk, rst, input [3:0] d, output reg [3:0] q [3], output wire [3:0] m [3]);
  reg [11:0] s; always @(posedge clk) s <= rst ? 0 : {s[7:0], d};
  assign q = '{s[3:0], s[7:4], s[11:8]}, m = '{~s[11:8], ~s[7:4], ~s[3:0]};
endmodule
// wrong
module t(input clk, rst, input [3:0] d, output reg [3:0] q [3], output wire [3:0] m [3]);
  reg [11:0] s; always @(posedge clk) s <= rst ? 0 : {s[7:0], d};
  assign q = '{s[3:0], s[7:4], s[11:8]}, m = '{~s[3:0], ~s[7:4], ~s[11:8]};
endmodule
//// more dimensions, signed elements, a type
module t(input signed [3:0] a [2][1:0], output logic signed [7:0] y [0:1]);
  typedef logic signed [7:0] r_t [0:1]; r_t s; always_comb for (int i = 0; i < 2; i++) s[i] = a[i][1] * a[i][0]; assign y = s;
endmodule
// right
module t(input signed [3:0] a [1:0][0:1], output logic signed [7:0] y [1:0]); assign y[1] = a[1][0] * a[1][1], y[0] = a[0][0] * a[0][1]; endmodule
// wrong
module t(input signed [3:0] a [1:0][0:1], output logic signed [7:0] y [1:0]); assign y[1] = a[0][0] * a[0][1], y[0] = a[1][0] * a[1][1]; endmodule
//// declared in the body, with parameters
module t #(parameter N = 3, W = 4) (a, y); input logic [W-1:0] a [N]; output logic [W+1:0] y; always_comb begin y = 0; foreach (a[i]) y += a[i]; end endmodule
// right
module t(input [3:0] a [0:2], output [5:0] y); assign y = a[0] + a[1] + a[2]; endmodule
// wrong
module t(input [3:0] a [0:2], output [5:0] y); assign y = a[0] + a[1] + a[1]; endmodule
//// single bits, and a memory behind
module t(input clk, input we [2], input [1:0] ad [2], input [3:0] d [2], output logic [3:0] q [2]);
  logic [3:0] m [4]; always_ff @(posedge clk) begin for (int p = 0; p < 2; p++) begin if (we[p]) m[ad[p]] <= d[p]; q[p] <= m[ad[p]]; end end
endmodule
// right
module t(input clk, input we [0:1], input [1:0] ad [0:1], input [3:0] d [0:1], output logic [3:0] q [0:1]);
  logic [3:0] m [3:0]; always_ff @(posedge clk) begin q[0] <= m[ad[0]]; q[1] <= m[ad[1]]; if (we[1]) m[ad[1]] <= d[1];
    if (we[0] && !(we[1] && ad[0] == ad[1])) m[ad[0]] <= d[0]; end
endmodule
// wrong
module t(input clk, input we [0:1], input [1:0] ad [0:1], input [3:0] d [0:1], output logic [3:0] q [0:1]);
  logic [3:0] m [3:0]; always_ff @(posedge clk) begin q[0] <= m[ad[0]]; q[1] <= m[ad[1]]; if (we[1]) m[ad[1]] <= d[1];
    if (we[0]) m[ad[0]] <= d[0]; end
endmodule
