//// foreach over several dimensions
module t(input [11:0] a, output logic [11:0] y);
  logic [1:0] m [2][3];
  always_comb begin
    foreach (m[i, j]) m[i][j] = a[6*i + 2*j +: 2] + 2'(i) + 2'(j);
    y = '0; foreach (m[i, j]) y[6*i + 2*j +: 2] = m[i][j];
  end
endmodule
// right
module t(input [11:0] a, output [11:0] y);
  function [1:0] p(input [1:0] v, k); p = v + k; endfunction
  assign y = {p(a[11:10], 3), p(a[9:8], 2), p(a[7:6], 1), p(a[5:4], 2), p(a[3:2], 1), a[1:0]}; endmodule
// wrong
module t(input [11:0] a, output [11:0] y);
  function [1:0] p(input [1:0] v, k); p = v + k; endfunction
  assign y = {p(a[11:10], 3), p(a[9:8], 1), p(a[7:6], 2), p(a[5:4], 2), p(a[3:2], 1), a[1:0]}; endmodule
//// foreach over a packed array, one dimension left out
module t(input [11:0] a, output logic [2:0] y);
  logic [2:0][3:0] v; assign v = a;
  always_comb foreach (v[i]) y[i] = ^v[i];
endmodule
// right
module t(input [11:0] a, output [2:0] y); assign y = {^a[11:8], ^a[7:4], ^a[3:0]}; endmodule
// wrong
module t(input [11:0] a, output [2:0] y); assign y = {^a[3:0], ^a[7:4], ^a[11:8]}; endmodule
//// foreach over bits
module t(input [6:0] a, output logic [2:0] y); always_comb begin y = 0; foreach (a[i]) if (a[i]) y += 1; end endmodule
// right
module t(input [6:0] a, output [2:0] y); assign y = a[0] + a[1] + a[2] + a[3] + a[4] + a[5] + a[6]; endmodule
// wrong
module t(input [6:0] a, output [2:0] y); assign y = a[0] + a[1] + a[2] + a[3] + a[4] + a[5]; endmodule
//// for with several variables
module t(input [7:0] a, output logic [7:0] y); always_comb for (int i = 0, j = 7; i < 8; i++, j--) y[i] = a[j]; endmodule
// right
module t(input [7:0] a, output [7:0] y); assign y = {a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]}; endmodule
// wrong
module t(input [7:0] a, output [7:0] y); assign y = {a[0], a[1], a[2], a[3], a[4], a[5], a[7], a[6]}; endmodule
//// break out of a loop
module t(input [7:0] a, output logic [3:0] y);
  always_comb begin y = 8; for (int i = 0; i < 8; i++) if (a[i]) begin y = i; break; end end
endmodule
// right
module t(input [7:0] a, output reg [3:0] y); integer i;
  always @* begin y = 8; for (i = 7; i >= 0; i = i - 1) if (a[i]) y = i; end endmodule
// wrong
module t(input [7:0] a, output reg [3:0] y); integer i;
  always @* begin y = 8; for (i = 0; i < 8; i = i + 1) if (a[i]) y = i; end endmodule
//// continue, in a nested loop
module t(input [5:0] a, output logic [3:0] y);
  always_comb begin y = 0;
    for (int i = 0; i < 2; i++) for (int j = 0; j < 3; j++) begin if (!a[3*i + j]) continue; if (j == 2) break; y += 4'(1 + i); end
  end
endmodule
// right
module t(input [5:0] a, output [3:0] y); assign y = a[0] + a[1] + 2 * a[3] + 2 * a[4]; endmodule
// wrong
module t(input [5:0] a, output [3:0] y); assign y = a[0] + a[1] + a[2] + 2 * a[3] + 2 * a[4]; endmodule
//// return out of a loop in a function
module t(input [7:0] a, output [3:0] y);
  function automatic logic [3:0] first(input logic [7:0] v);
    for (int i = 7; i >= 0; i--) if (v[i]) return 4'(i);
    return 4'hf;
  endfunction
  assign y = first(a);
endmodule
// right
module t(input [7:0] a, output reg [3:0] y); integer i;
  always @* begin y = 15; for (i = 0; i < 8; i = i + 1) if (a[i]) y = i; end endmodule
// wrong
module t(input [7:0] a, output reg [3:0] y); integer i;
  always @* begin y = 15; for (i = 7; i >= 0; i = i - 1) if (a[i]) y = i; end endmodule
//// while and do
module t(input [4:0] a, output logic [2:0] y, z);
  always_comb begin int n; n = a; y = 0; z = 0;
    while (n > 0) begin n >>= 1; y++; end
    n = a; do begin z += 3'd1; n /= 4; end while (n != 0);
  end
endmodule
// right
module t(input [4:0] a, output [2:0] y, z);
  assign y = a[4] ? 5 : a[3] ? 4 : a[2] ? 3 : a[1] ? 2 : a[0]; assign z = a[4] ? 3 : a[3:2] != 0 ? 2 : 1; endmodule
// wrong
module t(input [4:0] a, output [2:0] y, z);
  assign y = a[4] ? 5 : a[3] ? 4 : a[2] ? 3 : a[1] ? 2 : a[0]; assign z = a[4] ? 3 : a[3:2] != 0 ? 2 : a[0]; endmodule
//// repeat with a variable count
module t(input [2:0] n, input [7:0] a, output logic [7:0] y); always_comb begin y = a; repeat (n) y = {y[6:0], y[7]}; end endmodule
// right
module t(input [2:0] n, input [7:0] a, output [7:0] y); wire [15:0] w = {a, a} << n; assign y = w[15:8]; endmodule
// wrong
module t(input [2:0] n, input [7:0] a, output [7:0] y); assign y = a << n; endmodule
//// disable of a named block
module t(input [3:0] a, output logic [2:0] y);
  always_comb begin : outer y = 0; begin : inner if (a[0]) disable inner; y = 1; if (a[1]) disable outer; y = 2; end : inner y = y + 4; end
endmodule
// right
module t(input [3:0] a, output [2:0] y); assign y = a[0] ? 4 : a[1] ? 1 : 6; endmodule
// wrong
module t(input [3:0] a, output [2:0] y); assign y = a[0] ? 4 : a[1] ? 5 : 6; endmodule
//// loop over an enumeration
module t(input [2:0] a, output logic [3:0] y);
  typedef enum int {R = 1, G = 2, B = 4} c_t;
  always_comb begin y = 0; for (c_t c = c.first(); ; c = c.next()) begin if (a & c) y += 4'(c); if (c == c.last()) break; end end
endmodule
// right
module t(input [2:0] a, output [3:0] y); assign y = a; endmodule
// wrong
module t(input [2:0] a, output [3:0] y); assign y = a + a[0]; endmodule
//// increments of parts and members
module t(input clk, rst, input [1:0] s, output logic [7:0] y);
  always_ff @(posedge clk) if (rst) y <= 8'h3c; else begin logic [7:0] v; v = y; if (s[0]) v[3:0]++; if (s[1]) --v[7:4]; y <= v; end
endmodule
// right
module t(input clk, rst, input [1:0] s, output reg [7:0] y);
  always @(posedge clk) if (rst) y <= 8'h3c; else begin y[3:0] <= y[3:0] + s[0]; y[7:4] <= y[7:4] - s[1]; end endmodule
// wrong
module t(input clk, rst, input [1:0] s, output reg [7:0] y);
  always @(posedge clk) if (rst) y <= 8'h3c; else y <= y + s[0] - {s[1], 4'd0}; endmodule
//// compound assignments of every operator
module t(input [7:0] a, input [2:0] b, output logic [7:0] y);
  always_comb begin y = a; y += b; y ^= 8'h5a; y <<= b[0]; y -= 3; y |= {5'd0, b}; y &= ~8'h10; y >>= b[1]; y *= 3; y %= 200; y /= 2; end
endmodule
// right
module t(input [7:0] a, input [2:0] b, output [7:0] y);
  wire [7:0] v1 = (a + b) ^ 8'h5a, v2 = v1 << b[0], v3 = v2 - 3, v4 = (v3 | b) & 8'hef, v5 = v4 >> b[1], v6 = v5 * 3;
  assign y = (v6 % 200) / 2; endmodule
// wrong
module t(input [7:0] a, input [2:0] b, output [7:0] y);
  wire [7:0] v1 = (a + b) ^ 8'h5a, v2 = v1 << b[0], v3 = v2 - 3, v4 = (v3 | b) & 8'hef, v5 = v4 >> b[1];
  assign y = (v5 * 3 % 200) / 2; endmodule
//// arithmetic shift assignments
module t(input signed [7:0] a, input [2:0] n, output logic signed [7:0] y); always_comb begin y = a; y >>>= n; y <<<= 1; end endmodule
// right
module t(input signed [7:0] a, input [2:0] n, output [7:0] y); wire signed [7:0] s = a >>> n; assign y = s << 1; endmodule
// wrong
module t(input [7:0] a, input [2:0] n, output [7:0] y); wire [7:0] s = a >> n; assign y = s << 1; endmodule
//// assignment operator on an element of an array
module t(input clk, rst, input [1:0] i, output [3:0] y);
  logic [3:0] c [4];
  always @(posedge clk) if (rst) foreach (c[k]) c[k] = 4'(k); else begin c[i] += 4'd3; c[i ^ 2'd1]--; end
  assign y = c[i];
endmodule
// right
module t(input clk, rst, input [1:0] i, output [3:0] y); reg [3:0] c [0:3]; integer k;
  always @(posedge clk) if (rst) for (k = 0; k < 4; k = k + 1) c[k] = k;
    else begin c[i] = c[i] + 3; c[i ^ 1] = c[i ^ 1] - 1; end
  assign y = c[i]; endmodule
// wrong
module t(input clk, rst, input [1:0] i, output [3:0] y); reg [3:0] c [0:3]; integer k;
  always @(posedge clk) if (rst) for (k = 0; k < 4; k = k + 1) c[k] = k; else c[i] = c[i] + 3;
  assign y = c[i]; endmodule
