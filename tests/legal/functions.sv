//// void function with an output that reads a signal
module t(input [3:0] a, b, c, output logic [3:0] y);
  function automatic void f(input [3:0] x, output [3:0] z); z = (x & b) | c; endfunction
  always_comb f(a, y);
endmodule
// right
module t(input [3:0] a, b, c, output [3:0] y); assign y = (a & b) | c; endmodule
// wrong
module t(input [3:0] a, b, c, output [3:0] y); assign y = a & b; endmodule
//// function that reads a signal
module t(input [3:0] a, b, output logic [3:0] y);
  function [3:0] f(input [3:0] x); f = x - b; endfunction
  always_comb y = f(a);
endmodule
// right
module t(input [3:0] a, b, output [3:0] y); assign y = a - b; endmodule
// wrong
module t(input [3:0] a, b, output [3:0] y); assign y = a + b; endmodule
//// nested calls that read signals
module t(input [3:0] a, b, c, output logic [3:0] y);
  function automatic logic [3:0] inner(logic [3:0] x); return x ^ c; endfunction
  function automatic logic [3:0] outer(logic [3:0] x); return inner(x) + b; endfunction
  always_comb begin y = '0; if (a[0]) y = outer(a); end
endmodule
// right
module t(input [3:0] a, b, c, output [3:0] y); assign y = a[0] ? (a ^ c) + b : 0; endmodule
// wrong
module t(input [3:0] a, b, c, output [3:0] y); assign y = a[0] ? (a ^ b) + c : 0; endmodule
//// function that assigns signals of the module
module t(input [3:0] a, output logic [3:0] y, z);
  function automatic void both(); y = ~a; z = a + 1; endfunction
  always_comb both();
endmodule
// right
module t(input [3:0] a, output [3:0] y, z); assign y = ~a; assign z = a + 1; endmodule
// wrong
module t(input [3:0] a, output [3:0] y, z); assign y = ~a; assign z = ~a + 1; endmodule
//// function without arguments
module t(input [3:0] a, b, output logic [3:0] y);
  function automatic logic [3:0] sum(); return a + b; endfunction
  always_comb y = sum() << 1;
endmodule
// right
module t(input [3:0] a, b, output [3:0] y); wire [3:0] s = a + b; assign y = {s[2:0], 1'b0}; endmodule
// wrong
module t(input [3:0] a, b, output [3:0] y); wire [3:0] s = a + b; assign y = s; endmodule
//// constant function without arguments
module t(input [7:0] a, output [7:0] y);
  function automatic int depth(); int n = 0; for (int i = 1; i < 100; i *= 2) n++; return n; endfunction
  localparam D = depth();
  assign y = a + D + depth();
endmodule
// right
module t(input [7:0] a, output [7:0] y); assign y = a + 14; endmodule
// wrong
module t(input [7:0] a, output [7:0] y); assign y = a + 12; endmodule
//// named arguments and defaults
module t(input [3:0] a, b, output [3:0] y, z);
  function automatic [3:0] sub(input [3:0] p, input [3:0] q = 4'd2); return p - q; endfunction
  assign y = sub(.q(a), .p(b)); assign z = sub(a);
endmodule
// right
module t(input [3:0] a, b, output [3:0] y, z); assign y = b - a; assign z = a - 2; endmodule
// wrong
module t(input [3:0] a, b, output [3:0] y, z); assign y = a - b; assign z = a - 2; endmodule
//// return in a void function
module t(input [3:0] a, output logic [3:0] y);
  function automatic void f(input [3:0] x, output logic [3:0] z);
    z = 1; if (x == 3) return; z = 2; if (x > 7) begin z = x; return; end z = z + x;
  endfunction
  always_comb f(a, y);
endmodule
// right
module t(input [3:0] a, output [3:0] y); assign y = a == 3 ? 1 : a > 7 ? a : a + 2; endmodule
// wrong
module t(input [3:0] a, output [3:0] y); assign y = a == 3 ? 5 : a > 7 ? a : a + 2; endmodule
//// return out of a loop
module t(input [7:0] a, output [3:0] y);
  function automatic [3:0] first(input [7:0] x);
    for (int i = 0; i < 8; i++) if (x[i]) return i;
    return 15;
  endfunction
  assign y = first(a);
endmodule
// right
module t(input [7:0] a, output [3:0] y);
  assign y = a[0] ? 0 : a[1] ? 1 : a[2] ? 2 : a[3] ? 3 : a[4] ? 4 : a[5] ? 5 : a[6] ? 6 : a[7] ? 7 : 15;
endmodule
// wrong
module t(input [7:0] a, output [3:0] y);
  assign y = a[7] ? 7 : a[6] ? 6 : a[5] ? 5 : a[4] ? 4 : a[3] ? 3 : a[2] ? 2 : a[1] ? 1 : a[0] ? 0 : 15;
endmodule
//// break and continue in an automatic function
module t(input [7:0] a, output [3:0] y);
  function automatic [3:0] f(input [7:0] x);
    f = 0;
    for (int i = 0; i < 8; i++) begin if (!x[i]) continue; if (i > 5) break; f += 1; end
  endfunction
  assign y = f(a);
endmodule
// right
module t(input [7:0] a, output [3:0] y); assign y = a[0] + a[1] + a[2] + a[3] + a[4] + a[5]; endmodule
// wrong
module t(input [7:0] a, output [3:0] y); assign y = a[0] + a[1] + a[2] + a[3] + a[4] + a[5] + a[6]; endmodule
//// recursion
module t(input [3:0] a, output [15:0] y);
  function automatic [15:0] fib(input [3:0] n); if (n < 2) return n; return fib(n - 1) + fib(n - 2); endfunction
  assign y = fib(a[2:0]);
endmodule
// right
module t(input [3:0] a, output reg [15:0] y);
  always @* case (a[2:0]) 0: y = 0; 1: y = 1; 2: y = 1; 3: y = 2; 4: y = 3; 5: y = 5; 6: y = 8; 7: y = 13; endcase
endmodule
// wrong
module t(input [3:0] a, output reg [15:0] y);
  always @* case (a[2:0]) 0: y = 0; 1: y = 1; 2: y = 1; 3: y = 2; 4: y = 3; 5: y = 5; 6: y = 8; 7: y = 12; endcase
endmodule
//// arrays and structures as arguments and results
module t(input [11:0] a, output [5:0] y);
  typedef logic [3:0] vec [0:2];
  typedef struct packed { logic [2:0] lo, hi; } halves;
  vec v; assign v[0] = a[11:8]; assign v[1] = a[7:4]; assign v[2] = a[3:0];
  function automatic halves f(input vec x); f.lo = x[0] ^ x[1]; f.hi = x[2]; endfunction
  assign y = f(v);
endmodule
// right
module t(input [11:0] a, output [5:0] y); wire [2:0] l = a[10:8] ^ a[6:4]; assign y = {l, a[2:0]}; endmodule
// wrong
module t(input [11:0] a, output [5:0] y); wire [2:0] l = a[10:8] ^ a[6:4]; assign y = {a[2:0], l}; endmodule
//// function with outputs inside an expression
module t(input [3:0] a, b, output logic [4:0] y, output logic [3:0] z);
  function automatic logic [4:0] f(input [3:0] p, q, output logic [3:0] r); r = p & q; return p + q; endfunction
  always_comb y = f(a, b, z);
endmodule
// right
module t(input [3:0] a, b, output [4:0] y, output [3:0] z); assign y = a + b; assign z = a & b; endmodule
// wrong
module t(input [3:0] a, b, output [4:0] y, output [3:0] z); assign y = a + b; assign z = a | b; endmodule
//// local variables begin anew at each call
module t(input [3:0] a, output logic [3:0] y);
  function automatic [3:0] ones(input [3:0] x); int n; foreach (x[i]) n += x[i]; return n; endfunction
  always_comb y = ones(a) + ones(~a);
endmodule
// right
module t(input [3:0] a, output [3:0] y); assign y = 4; endmodule
// wrong
module t(input [3:0] a, output [3:0] y); assign y = 3; endmodule
//// task with inout in a clocked block
module t(input clk, rst, input [3:0] d, output logic [7:0] q);
  task automatic add(input [3:0] x, inout logic [7:0] acc); acc = acc + x; endtask
  always_ff @(posedge clk) begin
    logic [7:0] n; n = rst ? 0 : q; if (!rst) add(d, n); q <= n;
  end
endmodule
// right
module t(input clk, rst, input [3:0] d, output reg [7:0] q); always @(posedge clk) q <= rst ? 0 : q + d; endmodule
// wrong
module t(input clk, rst, input [3:0] d, output reg [7:0] q); always @(posedge clk) q <= rst ? 0 : q - d; endmodule
//// function in a latch
module t(input en, input [3:0] a, b, output logic [3:0] q);
  function automatic [3:0] f(input [3:0] x); return x + b; endfunction
  always_latch if (en) q = f(a);
endmodule
// right
module t(input en, input [3:0] a, b, output reg [3:0] q); always @* if (en) q = a + b; endmodule
// wrong
module t(input en, input [3:0] a, b, output reg [3:0] q); always @* if (en) q = a; endmodule
//// function that reads a table
module t(input clk, we, input [1:0] i, input [7:0] d, output logic [7:0] y);
  logic [7:0] m [0:3];
  always_ff @(posedge clk) if (we) m[i] <= d;
  function automatic [7:0] look(input [1:0] k); return m[k]; endfunction
  always_comb y = look(i);
endmodule
// right
module t(input clk, we, input [1:0] i, input [7:0] d, output [7:0] y);
  reg [7:0] m [0:3]; always @(posedge clk) if (we) m[i] <= d; assign y = m[i];
endmodule
// wrong
module t(input clk, we, input [1:0] i, input [7:0] d, output [7:0] y);
  reg [7:0] m [0:3]; always @(posedge clk) if (we) m[i] <= d; assign y = m[~i];
endmodule
//// a signed function in the arm that a shift beyond its width chooses
module t(input signed [6:0] a, input [4:0] b, output [7:0] y);
  function automatic logic signed [7:0] f(input logic [2:0] p); return p; endfunction
  assign y = (b >> 4'd15) ? 8'd3 : {7'd0, f({1'b0, b[1:0]}) <= a};
endmodule
// right
module t(input signed [6:0] a, input [4:0] b, output [7:0] y); wire signed [7:0] p = {6'd0, b[1:0]}; assign y = p <= a; endmodule
// wrong
module t(input signed [6:0] a, input [4:0] b, output [7:0] y); assign y = b[1:0] <= {a[6], a}; endmodule
