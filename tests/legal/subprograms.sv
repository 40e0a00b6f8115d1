//// recursive function
module t(input [3:0] a, output [7:0] y);
  function automatic int unsigned tri_(input int unsigned n); return n == 0 ? 0 : n + tri_(n - 1); endfunction
  assign y = tri_(a);
endmodule
// right
module t(input [3:0] a, output [7:0] y); assign y = (a * (a + 5'd1)) / 2; endmodule
// wrong
module t(input [3:0] a, output [7:0] y); assign y = a * a / 2; endmodule
//// recursion with two calls
module t(input [2:0] a, output [7:0] y);
  function automatic logic [7:0] fib(input logic [2:0] n); if (n < 2) return 8'(n); return fib(n - 3'd1) + fib(n - 3'd2); endfunction
  assign y = fib(a);
endmodule
// right
module t(input [2:0] a, output reg [7:0] y); always @* case (a) 0: y = 0; 1: y = 1; 2: y = 1; 3: y = 2; 4: y = 3; 5: y = 5; 6: y = 8; 7: y = 13; endcase endmodule
// wrong
module t(input [2:0] a, output reg [7:0] y); always @* case (a) 0: y = 0; 1: y = 1; 2: y = 2; 3: y = 3; 4: y = 5; 5: y = 8; 6: y = 13; 7: y = 21; endcase endmodule
//// recursion over a vector with a default argument
module t(input [7:0] a, output [3:0] y);
  function automatic logic [3:0] ones(input logic [7:0] v, input int n = 8); return n == 1 ? v[0] : ones(v, n / 2) + ones(v >> (n / 2), n - n / 2); endfunction
  assign y = ones(a);
endmodule
// right
module t(input [7:0] a, output [3:0] y); assign y = a[0] + a[1] + a[2] + a[3] + a[4] + a[5] + a[6] + a[7]; endmodule
// wrong
module t(input [7:0] a, output [3:0] y); assign y = a[0] + a[1] + a[2] + a[3] + a[4] + a[5] + a[6]; endmodule
//// task with outputs and an inout
module t(input [3:0] a, b, output logic [3:0] lo, hi, s);
  task automatic sort(input logic [3:0] p, q, output logic [3:0] l, h, inout logic [3:0] sum);
    {l, h} = p < q ? {p, q} : {q, p}; sum = sum + l - h; endtask
  always_comb begin s = 4'd3; sort(a, b, lo, hi, s); sort(b, a, lo, hi, s); end
endmodule
// right
module t(input [3:0] a, b, output [3:0] lo, hi, s);
  assign lo = a < b ? a : b, hi = a < b ? b : a, s = 3 + 2 * lo - 2 * hi; endmodule
// wrong
module t(input [3:0] a, b, output [3:0] lo, hi, s);
  assign lo = a < b ? a : b, hi = a < b ? b : a, s = 3 + lo - hi; endmodule
//// task with a ref argument
module t(input [3:0] a, output logic [3:0] y);
  task automatic twice(ref logic [3:0] v); v = v + v; v ^= 4'd1; endtask
  always_comb begin y = a; twice(y); twice(y); end
endmodule
// right
module t(input [3:0] a, output [3:0] y); wire [3:0] m = (a + a) ^ 1; assign y = (m + m) ^ 1; endmodule
// wrong
module t(input [3:0] a, output [3:0] y); assign y = (a + a) ^ 1; endmodule
//// const ref of an array
module t(input [7:0] a, input [1:0] i, output logic [3:0] y);
  typedef logic [1:0] m_t [4];
  function automatic logic [3:0] total(const ref m_t m); total = 0; foreach (m[k]) total += m[k]; endfunction
  m_t m;
  always_comb begin foreach (m[k]) m[k] = a[2*k +: 2]; m[i] = 0; y = total(m); end
endmodule
// right
module t(input [7:0] a, input [1:0] i, output [3:0] y);
  assign y = (i == 0 ? 0 : a[1:0]) + (i == 1 ? 0 : a[3:2]) + (i == 2 ? 0 : a[5:4]) + (i == 3 ? 0 : a[7:6]); endmodule
// wrong
module t(input [7:0] a, input [1:0] i, output [3:0] y); assign y = a[1:0] + a[3:2] + a[5:4] + a[7:6]; endmodule
//// let
module t(input [3:0] a, b, output [3:0] y, output z); let mx(p, q) = p > q ? p : q; let any(v = a) = |v; assign y = mx(a, b); assign z = any() ^ any(b); endmodule
// right
module t(input [3:0] a, b, output [3:0] y, output z); assign y = a > b ? a : b; assign z = (|a) ^ (|b); endmodule
// wrong
module t(input [3:0] a, b, output [3:0] y, output z); assign y = a < b ? a : b; assign z = (|a) ^ (|b); endmodule
//// static variable in a function
module t(input clk, rst, input [2:0] d, output logic [3:0] y);
  function logic [3:0] acc(input logic [2:0] v, input logic r); static logic [3:0] s = 4'd0; s = r ? 4'd0 : s + v; return s; endfunction
  always_ff @(posedge clk) y <= acc(d, rst);
endmodule
// right
module t(input clk, rst, input [2:0] d, output reg [3:0] y);
  always @(posedge clk) y <= rst ? 0 : y + d; endmodule
// wrong
module t(input clk, rst, input [2:0] d, output reg [3:0] y);
  always @(posedge clk) y <= rst ? 0 : d; endmodule
//// const variables
module t(input [3:0] a, output [3:0] y, z); const logic [3:0] K = 4'd7; assign y = a ^ K;
  function automatic logic [3:0] f(input logic [3:0] v); const logic [3:0] n = ~v; return n + K; endfunction
  assign z = f(a);
endmodule
// right
module t(input [3:0] a, output [3:0] y, z); assign y = a ^ 7; assign z = ~a + 7; endmodule
// wrong
module t(input [3:0] a, output [3:0] y, z); assign y = a ^ 7; assign z = ~(a + 7); endmodule
//// bits of a function's result
module t(input [3:0] a, b, output [1:0] y, output z);
  function [4:0] add(input [3:0] p, q); add = p + q; endfunction
  assign z = add(a, b)[4]; assign y = add(a, ~b)[2:1];
endmodule
// right
module t(input [3:0] a, b, output [1:0] y, output z); wire [4:0] s = a + b, d = {1'b0, a} + {1'b0, ~b}; assign z = s[4], y = d[2:1]; endmodule
// wrong
module t(input [3:0] a, b, output [1:0] y, output z); wire [4:0] s = a + b, d = {1'b0, a} + {1'b0, ~b}; assign z = s[3], y = d[2:1]; endmodule
//// a member of a function's result
module t(input [3:0] a, output [2:0] y);
  typedef struct packed { logic [2:0] n; logic p; } s_t;
  function automatic s_t split(input logic [3:0] v); split.n = v[3:1] + 3'd1; split.p = ^v; endfunction
  assign y = split(a).p ? split(a).n : 3'd0;
endmodule
// right
module t(input [3:0] a, output [2:0] y); assign y = ^a ? a[3:1] + 3'd1 : 0; endmodule
// wrong
module t(input [3:0] a, output [2:0] y); assign y = ^a ? a[3:1] : 0; endmodule
//// function that returns a structure of an array
module t(input [5:0] a, output [5:0] y);
  typedef struct { logic [1:0] v [3]; } s_t;
  function automatic s_t turn(input logic [5:0] x); s_t r; for (int i = 0; i < 3; i++) r.v[i] = x[2*i +: 2]; return r; endfunction
  s_t s; always_comb s = turn(a);
  assign y = {s.v[0], s.v[1], s.v[2]};
endmodule
// right
module t(input [5:0] a, output [5:0] y); assign y = {a[1:0], a[3:2], a[5:4]}; endmodule
// wrong
module t(input [5:0] a, output [5:0] y); assign y = {a[1:0], a[5:4], a[3:2]}; endmodule
//// void function with outputs, and a cast to void
module t(input [3:0] a, output logic [3:0] q, r);
  function automatic void divmod(input logic [3:0] n, output logic [3:0] d, m); d = n / 3; m = n % 3; endfunction
  function automatic logic side(input logic [3:0] n, output logic [3:0] o); o = n; return 1'b1; endfunction
  always_comb begin logic [3:0] k; void'(side(a ^ 4'd1, k)); divmod(k, q, r); end
endmodule
// right
module t(input [3:0] a, output [3:0] q, r); wire [3:0] k = a ^ 1; assign q = k / 3, r = k % 3; endmodule
// wrong
module t(input [3:0] a, output [3:0] q, r); assign q = a / 3, r = a % 3; endmodule
//// function with named and default arguments
module t(input [3:0] a, b, output [4:0] y);
  function automatic [4:0] f(input [3:0] p, input [3:0] q = 4'd2, input s = 0); return s ? p - q : p + q; endfunction
  assign y = f(.s(b[0]), .p(a)) ^ f(b, .s(1'b1));
endmodule
// right
module t(input [3:0] a, b, output [4:0] y); wire [4:0] l = b[0] ? a - 2 : a + 2, r = b - 2; assign y = l ^ r; endmodule
// wrong
module t(input [3:0] a, b, output [4:0] y); wire [4:0] l = b[0] ? a - 2 : a + 2, r = b + 2; assign y = l ^ r; endmodule
//// constant function in a parameter
module t(input [5:0] a, output [2:0] y);
  function automatic int log(input int n); for (log = 0; n > 1; log++) n >>= 1; endfunction
  localparam W = log(100);
  assign y = a >> (W - 3);
endmodule
// right
module t(input [5:0] a, output [2:0] y); assign y = a >> 3; endmodule
// wrong
module t(input [5:0] a, output [2:0] y); assign y = a >> 4; endmodule
//// function that reads and writes the module's variables
module t(input clk, rst, input [1:0] op, output logic [3:0] y, output logic z);
  function void step(input logic [3:0] by); y <= y + by; z <= y[3]; endfunction
  always_ff @(posedge clk) if (rst) begin y <= 0; z <= 0; end else step({2'd0, op});
endmodule
// right
module t(input clk, rst, input [1:0] op, output reg [3:0] y, output reg z);
  always @(posedge clk) if (rst) begin y <= 0; z <= 0; end else begin y <= y + op; z <= y[3]; end endmodule
// wrong
module t(input clk, rst, input [1:0] op, output reg [3:0] y, output reg z); wire [3:0] n = y + op;
  always @(posedge clk) if (rst) begin y <= 0; z <= 0; end else begin y <= n; z <= n[3]; end endmodule
//// nested functions over arrays as arguments
module t(input [8:0] a, output [2:0] y);
  typedef logic [2:0] v_t [3];
  function automatic v_t spread(input [8:0] x); foreach (spread[i]) spread[i] = x[3*i +: 3]; endfunction
  function automatic logic [2:0] most(input v_t v); most = v[0]; foreach (v[i]) if (v[i] > most) most = v[i]; endfunction
  assign y = most(spread(a));
endmodule
// right
module t(input [8:0] a, output [2:0] y); wire [2:0] m = a[2:0] > a[5:3] ? a[2:0] : a[5:3]; assign y = m > a[8:6] ? m : a[8:6]; endmodule
// wrong
module t(input [8:0] a, output [2:0] y); wire [2:0] m = a[2:0] > a[5:3] ? a[2:0] : a[5:3]; assign y = m < a[8:6] ? m : a[8:6]; endmodule
//// task called from always_ff, with blocks of its own
module t(input clk, rst, input [2:0] d, output logic [5:0] y);
  logic [2:0] q [2];
  task push(input logic [2:0] v); begin : b logic [2:0] old; old = q[0]; q[1] <= old; q[0] <= v; end : b endtask : push
  always_ff @(posedge clk) if (rst) begin q[0] <= 0; q[1] <= 0; end else push(d);
  assign y = {q[1], q[0]};
endmodule
// right
module t(input clk, rst, input [2:0] d, output reg [5:0] y); always @(posedge clk) if (rst) y <= 0; else y <= {y[2:0], d}; endmodule
// wrong
module t(input clk, rst, input [2:0] d, output reg [5:0] y); always @(posedge clk) if (rst) y <= 0; else y <= {d, y[5:3]}; endmodule
//// a function that calls a void function
module t(input [7:0] a, output logic [7:0] y);
  function automatic void twist(input logic [7:0] p, output logic [7:0] q); q = {p[0], p[7:1]} ^ 8'h5; endfunction
  function automatic logic [7:0] f(input logic [7:0] p);
    logic [7:0] t0; twist(p, t0); return t0 + 8'd1;
  endfunction
  assign y = f(a);
endmodule
// right
module t(input [7:0] a, output [7:0] y); assign y = ({a[0], a[7:1]} ^ 8'h5) + 8'd1; endmodule
// wrong
module t(input [7:0] a, output [7:0] y); assign y = ({a[0], a[7:1]} ^ 8'h5) + 8'd2; endmodule
//// a function that calls a void function, in always_comb
module t(input [7:0] a, output logic [7:0] y);
  function automatic void twist(input logic [7:0] p, output logic [7:0] q); q = {p[0], p[7:1]} ^ 8'h5; endfunction
  function automatic logic [7:0] f(input logic [7:0] p);
    logic [7:0] t0; twist(p, t0); return t0 + 8'd1;
  endfunction
  always_comb y = f(a);
endmodule
// right
module t(input [7:0] a, output [7:0] y); assign y = ({a[0], a[7:1]} ^ 8'h5) + 8'd1; endmodule
// wrong
module t(input [7:0] a, output [7:0] y); assign y = ({a[0], a[7:1]} ^ 8'h5) + 8'd2; endmodule
//// void functions that call others, with inout arguments, through two levels, and results besides
module t(input [7:0] a, b, output logic [7:0] y, output logic signed [9:0] z);
  function automatic void swap(inout logic [7:0] p, inout logic [7:0] q);
    logic [7:0] o; o = p; p = q; q = o;
  endfunction
  function automatic logic signed [4:0] order(inout logic [7:0] p, inout logic [7:0] q);
    if (p < q) begin swap(p, q); return -5'sd3; end
    return 5'sd2;
  endfunction
  function automatic logic [7:0] f(input logic [7:0] p, input logic [7:0] q, output logic signed [9:0] r);
    r = order(p, q);
    return p - q;
  endfunction
  function automatic logic [17:0] g(input logic [7:0] p, input logic [7:0] q);
    logic signed [9:0] r; logic [7:0] d;
    d = f(p, q, r);
    return {d, r};
  endfunction
  assign {y, z} = g(a, b);
endmodule
// right
module t(input [7:0] a, b, output [7:0] y, output signed [9:0] z);
  assign y = a < b ? b - a : a - b, z = a < b ? -10'sd3 : 10'sd2;
endmodule
// wrong
module t(input [7:0] a, b, output [7:0] y, output signed [9:0] z);
  assign y = a < b ? b - a : a - b, z = a < b ? 10'd29 : 10'sd2;
endmodule
//// a function that calls a void function with outputs only
module t(input [7:0] a, output logic [7:0] y);
  localparam logic [7:0] K = 8'h31;
  function automatic void both(output logic [3:0] p, output int q); p = K[3:0]; q = int'(K[7:4]) - 5; endfunction
  function automatic logic [7:0] f(input logic [7:0] x); logic [3:0] m; int n; both(m, n); return x + m + n[7:0]; endfunction
  assign y = f(a);
endmodule
// right
module t(input [7:0] a, output [7:0] y); assign y = a + 8'd1 - 8'd2; endmodule
// wrong
module t(input [7:0] a, output [7:0] y); assign y = a + 8'd1 + 8'd2; endmodule
//// a function that calls a void function which sets what the module keeps
module t(input clk, input [7:0] a, output logic [7:0] y, z);
  function void note(input logic [7:0] p); z = p ^ 8'hf0; endfunction
  function logic [7:0] f(input logic [7:0] p); note(p + 8'd1); return p; endfunction
  always_ff @(posedge clk) y <= f(a);
endmodule
// right
module t(input clk, input [7:0] a, output reg [7:0] y, z);
  always @(posedge clk) begin y <= a; z = (a + 8'd1) ^ 8'hf0; end
endmodule
// wrong
module t(input clk, input [7:0] a, output reg [7:0] y, z);
  always @(posedge clk) begin y <= a; z = a ^ 8'hf0; end
endmodule
//// a void function that a procedure calls and a function, with an early return
module t(input [7:0] a, output logic [7:0] y, z);
  function automatic void cut(input logic [7:0] p, output logic [7:0] q);
    q = 8'd9;
    if (p > 8'd100) return;
    q = p + 8'd1;
  endfunction
  function automatic logic [7:0] f(input logic [7:0] p);
    logic [7:0] r;
    cut(p, r);
    if (r == 9) return 8'hff;
    return r;
  endfunction
  always_comb begin cut(a, z); y = f(a); end
endmodule
// right
module t(input [7:0] a, output [7:0] y, z);
  assign z = a > 8'd100 ? 8'd9 : a + 8'd1, y = z == 9 ? 8'hff : z;
endmodule
// wrong
module t(input [7:0] a, output [7:0] y, z);
  assign z = a > 8'd100 ? 8'd9 : a + 8'd1, y = z;
endmodule
//// a recursive function that calls a void function
module t(input [3:0] a, output logic [7:0] y);
  function automatic void add(input logic [7:0] p, inout logic [7:0] s); s = s + p; endfunction
  function automatic logic [7:0] f(input logic [3:0] n);
    logic [7:0] s;
    if (n == 0) return 0;
    s = f(n - 4'd1);
    add({4'd0, n}, s);
    return s;
  endfunction
  assign y = f(a);
endmodule
// right
module t(input [3:0] a, output [7:0] y); wire [7:0] w = a; assign y = w * (w + 8'd1) / 2; endmodule
// wrong
module t(input [3:0] a, output [7:0] y); wire [7:0] w = a; assign y = w * (w + 8'd1) / 2 + (w == 15); endmodule
//// recursion that fills what is unknown before
module t(input [3:0] a, output [3:0] y);
  function automatic void turn(input [1:0] n, input [3:0] v, inout [3:0] s); s[n] = v[2'd3 - n]; if (n != 0) turn(n - 2'd1, v, s); endfunction
  function automatic [3:0] turned(input [3:0] x); reg [3:0] s; turn(2'd3, x, s); return s; endfunction
  assign y = turned(a);
endmodule
// right
module t(input [3:0] a, output [3:0] y); assign y = {a[0], a[1], a[2], a[3]}; endmodule
// wrong
module t(input [3:0] a, output [3:0] y); assign y = {a[0], a[2], a[1], a[3]}; endmodule
