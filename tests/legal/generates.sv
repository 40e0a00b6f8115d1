//// case generate inside of a loop
module t(input [3:0] a, b, output [3:0] y);
  for (genvar i = 0; i < 4; i++) begin : g
    case (i) 0: assign y[i] = a[i] & b[i]; 1, 2: begin : x assign y[i] = a[i] ^ b[i]; end default: assign y[i] = a[i] | b[i]; endcase
  end
endmodule
// right
module t(input [3:0] a, b, output [3:0] y); assign y = {a[3] | b[3], a[2:1] ^ b[2:1], a[0] & b[0]}; endmodule
// wrong
module t(input [3:0] a, b, output [3:0] y); assign y = {a[3:2] | b[3:2], a[1] ^ b[1], a[0] & b[0]}; endmodule
//// nested generate with names read from outside
module t(input [5:0] a, output [2:0] y);
  for (genvar i = 0; i < 3; i++) begin : row
    for (genvar j = 0; j < 2; j++) begin : col wire w = a[2*i + j] ^ (i == j); end
    assign y[i] = col[0].w & col[1].w;
  end : row
endmodule
// right
module t(input [5:0] a, output [2:0] y); assign y = {a[5] & a[4], ~a[3] & a[2], a[1] & ~a[0]}; endmodule
// wrong
module t(input [5:0] a, output [2:0] y); assign y = {a[5] & a[4], a[3] & a[2], a[1] & a[0]}; endmodule
//// names in a generate block from the module
module t(input [3:0] a, output [3:0] y);
  genvar i;
  generate for (i = 0; i < 4; i = i + 1) begin : s
    wire c; if (i == 0) assign c = a[0]; else assign c = s[i-1].c ^ a[i];
    assign y[i] = s[i].c;
  end endgenerate
endmodule
// right
module t(input [3:0] a, output [3:0] y); assign y = {^a, ^a[2:0], ^a[1:0], a[0]}; endmodule
// wrong
module t(input [3:0] a, output [3:0] y); assign y = {^a, ^a[2:0], a[1], a[0]}; endmodule
//// if generate with parameters, else if
module f #(parameter K = 0) (input [3:0] a, output [3:0] y);
  if (K == 0) begin assign y = a; end else if (K < 3) begin localparam S = K; assign y = a << S; end else begin assign y = ~a; end
endmodule
module t(input [3:0] a, output [3:0] x, y, z); f u(a, x); f #(2) v(a, y); f #(.K(9)) w(.a(a), .y(z)); endmodule
// right
module t(input [3:0] a, output [3:0] x, y, z); assign x = a, y = a << 2, z = ~a; endmodule
// wrong
module t(input [3:0] a, output [3:0] x, y, z); assign x = a, y = a << 1, z = ~a; endmodule
//// recursive module
module tree #(parameter N = 8) (input [N-1:0] a, output y);
  if (N == 1) assign y = a; else begin wire l, r; tree #(N/2) x(a[N/2-1:0], l); tree #(N - N/2) z(a[N-1:N/2], r); assign y = l ^ r; end
endmodule
module t(input [6:0] a, output y); tree #(7) u(.*); endmodule
// right
module t(input [6:0] a, output y); assign y = ^a; endmodule
// wrong
module t(input [6:0] a, output y); assign y = ^a[5:0]; endmodule
//// generate with registers and functions of their own
module t(input clk, rst, input [3:0] a, output [3:0] y);
  for (genvar i = 0; i < 2; i++) begin : st
    logic [1:0] r;
    function automatic logic [1:0] turn(input logic [1:0] v); return i ? {v[0], v[1]} : ~v; endfunction
    always_ff @(posedge clk) if (rst) r <= i; else r <= turn(a[2*i +: 2]);
    assign y[2*i +: 2] = r;
  end
endmodule
// right
module t(input clk, rst, input [3:0] a, output reg [3:0] y);
  always @(posedge clk) if (rst) y <= 4'b0100; else y <= {a[2], a[3], ~a[1:0]}; endmodule
// wrong
module t(input clk, rst, input [3:0] a, output reg [3:0] y);
  always @(posedge clk) if (rst) y <= 4'b0100; else y <= {a[3:2], ~a[1:0]}; endmodule
//// loop with a step and a parameter as bound
module t #(parameter N = 8, parameter S = 2) (input [N-1:0] a, output [N-1:0] y);
  genvar g; for (g = 0; g < N; g += S) assign y[g +: S] = a[N - S - g +: S];
endmodule
// right
module t(input [7:0] a, output [7:0] y); assign y = {a[1:0], a[3:2], a[5:4], a[7:6]}; endmodule
// wrong
module t(input [7:0] a, output [7:0] y); assign y = {a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]}; endmodule
//// widths by $clog2
module t #(parameter D = 12, localparam A = $clog2(D)) (input clk, rst, output logic [A-1:0] y);
  always_ff @(posedge clk) if (rst || y == A'(D - 1)) y <= '0; else y <= y + A'(1);
endmodule
// right
module t(input clk, rst, output reg [3:0] y); always @(posedge clk) if (rst || y == 11) y <= 0; else y <= y + 1; endmodule
// wrong
module t(input clk, rst, output reg [3:0] y); always @(posedge clk) if (rst || y == 12) y <= 0; else y <= y + 1; endmodule
//// a memory of parameterised depth with a generated decoder
module t(input clk, input [1:0] w, r, input [2:0] d, output [2:0] y);
  localparam D = 4; logic [2:0] m [D-1:0]; wire [D-1:0] en;
  for (genvar i = 0; i < D; i++) begin assign en[i] = w == i; always_ff @(posedge clk) if (en[i]) m[i] <= d; end
  assign y = m[r];
endmodule
// right
module t(input clk, input [1:0] w, r, input [2:0] d, output [2:0] y); reg [2:0] m [0:3]; always @(posedge clk) m[w] <= d; assign y = m[r]; endmodule
// wrong
module t(input clk, input [1:0] w, r, input [2:0] d, output [2:0] y); reg [2:0] m [0:3]; always @(posedge clk) m[w] <= d; assign y = m[~r]; endmodule
//// array of instances in a generate, with slices
module bit_(input a, b, output y); assign y = a & ~b; endmodule
module t(input [3:0] a, input b, output [3:0] y); if (1) begin : on bit_ u [3:0] (.a(a), .b(b), .y(y)); end endmodule
// right
module t(input [3:0] a, input b, output [3:0] y); assign y = a & {4{~b}}; endmodule
// wrong
module t(input [3:0] a, input b, output [3:0] y); assign y = a & ~b; endmodule
