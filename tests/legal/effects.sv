//// what a function changes beside what it returns
module t(input [3:0] a, b, output logic [3:0] y);
  function automatic logic flip(input logic k); y = y ^ 4'd8; return k; endfunction
  always_comb begin y = a + b; void'(flip(1)); end
endmodule
// right
module t(input [3:0] a, b, output [3:0] y); assign y = (a + b) ^ 8; endmodule
// wrong
module t(input [3:0] a, b, output [3:0] y); assign y = a + b; endmodule
//// an output that a function alone assigns, from what it reads
module t(input [3:0] a, b, output logic [3:0] y);
  function automatic logic f(input [3:0] x); y = x + b; return 1; endfunction
  always_comb void'(f(a));
endmodule
// right
module t(input [3:0] a, b, output [3:0] y); assign y = a + b; endmodule
// wrong
module t(input [3:0] a, b, output [3:0] y); assign y = a + 1; endmodule
//// a function called like a task, static, without arguments
module t(input [3:0] a, b, output logic [3:0] y);
  function [3:0] f(); y = a - b; f = y; endfunction
  always_comb begin f(); end
endmodule
// right
module t(input [3:0] a, b, output [3:0] y); assign y = a - b; endmodule
// wrong
module t(input [3:0] a, b, output [3:0] y); assign y = b - a; endmodule
//// void calls in a list of events and behind @*
module t(input [3:0] a, b, output logic [3:0] y, z);
  function int f(); y = a & b; return 0; endfunction
  function logic [7:0] g(input [3:0] p, q); z = p | q; return {p, q}; endfunction
  always @(a or b) void'(f());
  always @* void'(g(a, b));
endmodule
// right
module t(input [3:0] a, b, output [3:0] y, z); assign y = a & b, z = a | b; endmodule
// wrong
module t(input [3:0] a, b, output [3:0] y, z); assign y = a & b, z = a & b; endmodule
//// void call in a clocked block
module t(input clk, rst, d, output reg [3:0] q);
  logic [3:0] n;
  function automatic logic count(input logic up); n = up ? q + 1 : q - 1; return up; endfunction
  always_ff @(posedge clk) if (rst) q <= 0; else begin void'(count(d)); q <= n; end
endmodule
// right
module t(input clk, rst, d, output reg [3:0] q);
  always @(posedge clk) if (rst) q <= 0; else if (d) q <= q + 1; else q <= q - 1; endmodule
// wrong
module t(input clk, rst, d, output reg [3:0] q);
  always @(posedge clk) if (rst) q <= 0; else if (d) q <= q + 1; endmodule
//// void calls in a function, in a loop, and in an argument
module t(input [3:0] a, b, output logic [3:0] y, z);
  function automatic int put(int i); y[i] = a[i] ^ b[3 - i]; return i; endfunction
  function automatic int twice(int i); void'(put(i)); z[3 - i] = y[i]; return i; endfunction
  function automatic logic last(int i); return i == 0; endfunction
  always_comb begin for (int i = 0; i < 3; i++) void'(twice(i)); void'(last(twice(3))); end
endmodule
// right
module t(input [3:0] a, b, output [3:0] y, z);
  assign y = a ^ {b[0], b[1], b[2], b[3]}, z = {y[0], y[1], y[2], y[3]}; endmodule
// wrong
module t(input [3:0] a, b, output [3:0] y, z);
  assign y = a ^ {b[0], b[1], b[2], b[3]}, z = {1'b0, y[1], y[2], y[3]}; endmodule
//// void calls of functions with structures, recursion and early returns
module t(input [3:0] a, b, output logic [3:0] y, n);
  typedef struct packed {logic [3:0] u, v;} pair;
  function automatic pair f(input [3:0] x); if (x == b) begin y = 1; return 0; end y = x + b; return '{x, b}; endfunction
  function automatic int down(input int i); if (i < 0) return 0; n = n + 3; return down(i - 1); endfunction
  always_comb begin void'(f(a)); n = 0; void'(down(a)); end
endmodule
// right
module t(input [3:0] a, b, output [3:0] y, n); assign y = a == b ? 1 : a + b, n = 3 * (a + 1); endmodule
// wrong
module t(input [3:0] a, b, output [3:0] y, n); assign y = a == b ? 1 : a + b, n = 3 * a; endmodule
//// functions that change something, behind && and || and ?:
module t(input [3:0] a, output logic [3:0] n, m, k, output logic y);
  function automatic logic f(logic r); n = n + 1; return r; endfunction
  function automatic logic g(); m = m + 1; return 1; endfunction
  function automatic logic h(); k = k - 1; return k > 2; endfunction
  always_comb begin
    n = 0; m = 0; k = a; y = 0;
    if (a[0] && f(a[1])) y = 1;
    y ^= a[2] || (a[3] ? f(a[0]) : g());
    while (a[1] && h()) y = ~y;
  end
endmodule
// right
module t(input [3:0] a, output [3:0] n, m, k, output y);
  assign n = a[0] + (!a[2] && a[3]), m = !a[2] && !a[3];
  assign k = !a[1] ? a : a == 2 ? 1 : 2;
  assign y = (a[0] && a[1]) ^ (a[2] || (a[3] ? a[0] : 1'b1)) ^ (a[1] && a > 3 && !a[0]);
endmodule
// wrong
module t(input [3:0] a, output [3:0] n, m, k, output y);
  assign n = 1 + !a[2], m = !a[2];
  assign k = a == 2 ? 1 : 2;
  assign y = (a[0] && a[1]) ^ (a[2] || (a[3] ? a[0] : 1'b1));
endmodule
