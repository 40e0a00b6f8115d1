//// write up, element of packed
module t(input [15:0] a, input i, input [2:0] j, output logic [15:0] o); logic [1:0][7:0] m; always_comb begin m = a; m[i][j +: 2] = 2'b10; o = m; end endmodule
// right
module t(input [15:0] a, input i, input [2:0] j, output reg [15:0] o); always @* begin o = a; o[{i,j}] = 0; if (j != 7) o[{i,j} + 4'd1] = 1; end endmodule
// wrong
module t(input [15:0] a, input i, input [2:0] j, output reg [15:0] o); always @* begin o = a; if (j != 7) begin o[{i,j}] = 0; o[{i,j} + 4'd1] = 1; end end endmodule
//// write up, plain vector
module t(input [7:0] a, input [2:0] j, output logic [7:0] o); always_comb begin o = a; o[j +: 2] = 2'b10; end endmodule
// right
module t(input [7:0] a, input [2:0] j, output reg [7:0] o); always @* begin o = a; o[j] = 0; if (j != 7) o[j + 1] = 1; end endmodule
// wrong
module t(input [7:0] a, input [2:0] j, output reg [7:0] o); always @* begin o = a; if (j != 7) begin o[j] = 0; o[j + 1] = 1; end end endmodule
//// write down, plain vector
module t(input [7:0] a, input [2:0] j, output logic [7:0] o); always_comb begin o = a; o[j -: 2] = 2'b10; end endmodule
// right
module t(input [7:0] a, input [2:0] j, output reg [7:0] o); always @* begin o = a; o[j] = 1; if (j != 0) o[j - 1] = 0; end endmodule
// wrong
module t(input [7:0] a, input [2:0] j, output reg [7:0] o); always @* begin o = a; if (j != 0) begin o[j] = 1; o[j - 1] = 0; end end endmodule
//// write up, memory word
module t(input clk, input [7:0] a, input i, ld, input [2:0] j, output [15:0] o); reg [7:0] m [0:1]; always @(posedge clk) if (ld) m[i] <= a; else m[i][j +: 2] <= 2'b10; assign o = {m[1],m[0]}; endmodule
// right
module t(input clk, input [7:0] a, input i, ld, input [2:0] j, output reg [15:0] o); always @(posedge clk) if (ld) o[8*i +: 8] <= a; else begin o[{i,j}] <= 0; if (j != 7) o[{i,j} + 4'd1] <= 1; end endmodule
// wrong
module t(input clk, input [7:0] a, input i, ld, input [2:0] j, output reg [15:0] o); always @(posedge clk) if (ld) o[8*i +: 8] <= a; else begin if (j != 7) begin o[{i,j}] <= 0; o[{i,j} + 4'd1] <= 1; end end endmodule
//// read down, element
module t(input [15:0] a, input i, input [2:0] j, output y, z); logic [1:0][7:0] m; logic [1:0] w; assign m = a; assign w = m[i][j -: 2]; assign y = w[1]; assign z = j == 0 ? 1'b0 : w[0]; endmodule
// right
module t(input [15:0] a, input i, input [2:0] j, output y, z); assign y = a[{i,j}], z = j != 0 && a[{i,j} - 4'd1]; endmodule
// wrong
module t(input [15:0] a, input i, input [2:0] j, output y, z); assign y = a[{i,j}], z = a[{i,j} - 4'd1]; endmodule
//// read x beyond an element must be x (=== tells)
module t(input [15:0] a, input i, input [2:0] j, output z); logic [1:0][7:0] m; logic [1:0] w; assign m = a; assign w = m[i][j +: 2]; assign z = w[1] === 1'bx; endmodule
// right
module t(input [15:0] a, input i, input [2:0] j, output z); assign z = j == 7; endmodule
// wrong
module t(input [15:0] a, input i, input [2:0] j, output z); assign z = 0; endmodule
//// fixed struct member
module t(input [15:0] a, input [2:0] j, output logic [15:0] o); struct packed { logic [7:0] h, l; } m; always_comb begin m = a; m.l[j +: 3] = 3'b101; o = m; end endmodule
// right
module t(input [15:0] a, input [2:0] j, output reg [15:0] o); reg [9:0] k; always @* begin k = {2'b0, a[7:0]}; k[j] = 1; k[j+1] = 0; k[j+2] = 1; o = {a[15:8], k[7:0]}; end endmodule
// wrong
module t(input [15:0] a, input [2:0] j, output reg [15:0] o); always @* begin o = a; if (j < 6) o[j +: 3] = 3'b101; end endmodule
//// nonblocking into packed array element
module t(input clk, rst, input i, input [2:0] j, input [3:0] d, output logic [1:0][7:0] o); always_ff @(posedge clk) if (rst) o <= '0; else o[i][j +: 4] <= d; endmodule
// right
module t(input clk, rst, input i, input [2:0] j, input [3:0] d, output reg [15:0] o); integer k; always @(posedge clk) if (rst) o <= 0; else for (k=0;k<4;k=k+1) if (j + k < 8) o[8*i + j + k] <= d[k]; endmodule
// wrong
module t(input clk, rst, input i, input [2:0] j, input [3:0] d, output reg [15:0] o); always @(posedge clk) if (rst) o <= 0; else if (j <= 4) o[8*i + j +: 4] <= d; endmodule
//// read of an element of a value without a name
module t(input [15:0] a, b, input i, input [2:0] j, output y, z); typedef logic [1:0][7:0] pair; function automatic pair f(input pair p, q); return p ^ q; endfunction
  wire [1:0] w = f(a, b)[i][j -: 2]; assign y = w[1], z = j == 0 ? 1'b0 : w[0]; endmodule
// right
module t(input [15:0] a, b, input i, input [2:0] j, output y, z); wire [15:0] c = a ^ b; assign y = c[{i,j}], z = j != 0 && c[{i,j} - 4'd1]; endmodule
// wrong
module t(input [15:0] a, b, input i, input [2:0] j, output y, z); wire [15:0] c = a ^ b; assign y = j != 0 && c[{i,j}], z = j != 0 && c[{i,j} - 4'd1]; endmodule
//// bytes of a word in a memory
module t(input clk, input [1:0] w, input [3:0] e, input [31:0] d, output reg [31:0] q); reg [31:0] m [0:3]; integer i; always @(posedge clk) begin
  for (i = 0; i < 4; i = i + 1) if (e[i]) m[w][8 * i +: 8] <= d[8 * i +: 8]; q <= m[w]; end endmodule
// right
module t(input clk, input [1:0] w, input [3:0] e, input [31:0] d, output reg [31:0] q); reg [31:0] m [0:3]; wire [31:0] k = {{8{e[3]}}, {8{e[2]}}, {8{e[1]}}, {8{e[0]}}};
  always @(posedge clk) begin m[w] <= m[w] & ~k | d & k; q <= m[w]; end endmodule
// wrong
module t(input clk, input [1:0] w, input [3:0] e, input [31:0] d, output reg [31:0] q); reg [31:0] m [0:3]; wire [31:0] k = {{8{e[3]}}, {8{e[2]}}, {8{e[1]}}, {8{e[1]}}};
  always @(posedge clk) begin m[w] <= m[w] & ~k | d & k; q <= m[w]; end endmodule
//// a product that wraps before it is an index
module t(input clk, input [1:0] i, input [2:0] j, d, output reg [23:0] o); reg [3:0][5:0] m; always @(posedge clk) begin m[i][j * 3'd3 +: 3] <= d; o <= m; end endmodule
// right
module t(input clk, input [1:0] i, input [2:0] j, d, output reg [23:0] o); wire [2:0] k = j * 3'd3; reg [23:0] m; integer n; always @(posedge clk) begin
  for (n = 0; n < 3; n = n + 1) if (k + n < 6) m[6 * i + k + n] <= d[n]; o <= m; end endmodule
// wrong
module t(input clk, input [1:0] i, input [2:0] j, d, output reg [23:0] o); wire [2:0] k = j * 3'd3; reg [23:0] m; integer n; always @(posedge clk) begin
  if (k < 4) for (n = 0; n < 3; n = n + 1) m[6 * i + k + n] <= d[n]; o <= m; end endmodule
