//// word of an array that is shifted
module t(input clk, input [2:0] n, input signed [3:0] d, output [2:0] y, output signed [3:0] z);
  reg [2:0] r [0:1]; reg signed [3:0] s [0:1];
  always @(posedge clk) begin r[0] <= n; r[1] <= r[0]; s[0] <= d; s[1] <= s[0]; end
  assign y = {r[1] >> n[0]} | {(2'd1 ? r[1] : n) >> n[0]}; assign z = {s[1] >>> n[1:0]};
endmodule
// right
module t(input clk, input [2:0] n, input signed [3:0] d, output [2:0] y, output signed [3:0] z);
  reg [2:0] p, q; reg signed [3:0] u, v; always @(posedge clk) begin p <= n; q <= p; u <= d; v <= u; end
  assign y = q >> n[0]; assign z = v >>> n[1:0];
endmodule
// wrong
module t(input clk, input [2:0] n, input signed [3:0] d, output [2:0] y, output signed [3:0] z);
  reg [2:0] p, q; reg signed [3:0] u, v; always @(posedge clk) begin p <= n; q <= p; u <= d; v <= u; end
  assign y = q >> n[0]; assign z = v >> n[1:0];
endmodule
//// word of an array as a shift amount
module t(input clk, input [2:0] n, input [7:0] d, output [7:0] y, z);
  reg [2:0] r [0:1];
  always @(posedge clk) begin r[0] <= n; r[1] <= r[0]; end
  assign y = d >> r[0]; assign z = d << r[1];
endmodule
// right
module t(input clk, input [2:0] n, input [7:0] d, output [7:0] y, z);
  reg [2:0] p, q; always @(posedge clk) begin p <= n; q <= p; end assign y = d >> p; assign z = d << q;
endmodule
// wrong
module t(input clk, input [2:0] n, input [7:0] d, output [7:0] y, z);
  reg [2:0] p, q; always @(posedge clk) begin p <= n; q <= p; end assign y = d >> q; assign z = d << p;
endmodule
//// word of a large memory as a shift amount
module t(input clk, input [7:0] n, input [6:0] k, input [7:0] d, output [7:0] y);
  reg [7:0] r [0:127];
  always @(posedge clk) r[0] <= n;
  assign y = d >> r[0];
endmodule
// right
module t(input clk, input [7:0] n, input [6:0] k, input [7:0] d, output [7:0] y);
  reg [7:0] p; always @(posedge clk) p <= n; assign y = d >> p;
endmodule
// wrong
module t(input clk, input [7:0] n, input [6:0] k, input [7:0] d, output [7:0] y);
  reg [7:0] p; always @(posedge clk) p <= n; assign y = d >> p[1:0];
endmodule
//// packed dimensions and loops
module t(input [15:0] d, output logic [3:0] y);
  logic [3:0][3:0] q; assign q = d;
  always_comb begin y = '0; for (int i = 0; i < 4; i++) for (int j = 0; j < 4; j++) y[i] ^= q[i][j]; end
endmodule
// right
module t(input [15:0] d, output [3:0] y); assign y = {^d[15:12], ^d[11:8], ^d[7:4], ^d[3:0]}; endmodule
// wrong
module t(input [15:0] d, output [3:0] y); assign y = {^d[3:0], ^d[7:4], ^d[11:8], ^d[15:12]}; endmodule
//// ascending packed dimensions with a variable
module t(input [0:15] d, input [1:0] i, j, output y, output [3:0] z);
  logic [0:3][0:3] q; assign q = d;
  assign y = q[i][j]; assign z = q[i];
endmodule
// right
module t(input [0:15] d, input [1:0] i, j, output y, output [3:0] z); assign y = d[4*i + j]; assign z = d[4*i +: 4]; endmodule
// wrong
module t(input [0:15] d, input [1:0] i, j, output y, output [3:0] z); assign y = d[4*j + i]; assign z = d[4*i +: 4]; endmodule
//// writing elements with a variable index
module t(input clk, rst, input [1:0] i, input [3:0] d, output [15:0] y);
  logic [3:0][3:0] q;
  always_ff @(posedge clk) if (rst) q <= '0; else begin q[i] <= d; q[i][0] <= ~d[0]; end
  assign y = q;
endmodule
// right
module t(input clk, rst, input [1:0] i, input [3:0] d, output reg [15:0] y);
  always @(posedge clk) if (rst) y <= 0; else y[4*i +: 4] <= {d[3:1], ~d[0]};
endmodule
// wrong
module t(input clk, rst, input [1:0] i, input [3:0] d, output reg [15:0] y);
  always @(posedge clk) if (rst) y <= 0; else y[4*i +: 4] <= d;
endmodule
//// array of structures with a variable index
module t(input clk, we, input [1:0] i, input [5:0] d, output [3:0] y, output logic v);
  typedef struct packed { logic valid; logic signed [3:0] data; logic last; } slot;
  slot s [0:3];
  always_ff @(posedge clk) if (we) begin s[i].valid <= d[5]; s[i].data <= d[4:1]; s[i].last <= d[0]; end
  assign y = s[i].data >>> 1; always_comb v = s[i].valid & s[i].last;
endmodule
// right
module t(input clk, we, input [1:0] i, input [5:0] d, output [3:0] y, output v);
  reg [5:0] m [0:3]; always @(posedge clk) if (we) m[i] <= d;
  wire [5:0] w = m[i]; assign y = {w[4], w[4:2]}; assign v = w[5] & w[0];
endmodule
// wrong
module t(input clk, we, input [1:0] i, input [5:0] d, output [3:0] y, output v);
  reg [5:0] m [0:3]; always @(posedge clk) if (we) m[i] <= d;
  wire [5:0] w = m[i]; assign y = {1'b0, w[4:2]}; assign v = w[5] & w[0];
endmodule
//// packed array of structures in a loop
module t(input [15:0] a, output logic [7:0] y);
  typedef struct packed { logic [2:0] id; logic on; } item;
  item [3:0] s; assign s = a;
  always_comb begin y = 0; for (int i = 3; i >= 0; i--) if (s[i].on) y = y + s[i].id; end
endmodule
// right
module t(input [15:0] a, output [7:0] y);
  assign y = (a[0] ? a[3:1] : 0) + (a[4] ? a[7:5] : 0) + (a[8] ? a[11:9] : 0) + (a[12] ? a[15:13] : 0);
endmodule
// wrong
module t(input [15:0] a, output [7:0] y);
  assign y = a[3:1] + (a[4] ? a[7:5] : 0) + (a[8] ? a[11:9] : 0) + (a[12] ? a[15:13] : 0);
endmodule
//// an index beyond the elements writes nothing
module t(input clk, rst, input [2:0] i, input [1:0] d, output [9:0] y);
  struct packed { logic [1:0] top; logic [2:0][1:0] q; logic [1:0] low; } s;
  always_ff @(posedge clk) if (rst) s <= '0; else if (!i[2]) s.q[i] <= d;
  assign y = s;
endmodule
// right
module t(input clk, rst, input [2:0] i, input [1:0] d, output reg [9:0] y);
  always @(posedge clk) if (rst) y <= 0; else if (i < 3) y[2 + 2*i +: 2] <= d;
endmodule
// wrong
module t(input clk, rst, input [2:0] i, input [1:0] d, output reg [9:0] y);
  always @(posedge clk) if (rst) y <= 0; else if (i < 4) y[2 + 2*i +: 2] <= d;
endmodule
//// sizes of members and types
module t(input [11:0] a, output [7:0] y);
  typedef struct packed { logic [4:0] p; logic [6:0] q; } pair;
  pair s; assign s = a; logic [2:0] m [5][7];
  assign y = s.q[$size(s.p) -: 3] + $bits(s.q) + $bits(pair) + $size(m, 2) + $left(s.p) + $bits(m) / $bits(m[0]);
endmodule
// right
module t(input [11:0] a, output [7:0] y); assign y = a[5:3] + 7 + 12 + 7 + 4 + 5; endmodule
// wrong
module t(input [11:0] a, output [7:0] y); assign y = a[5:3] + 12 + 12 + 7 + 4 + 5; endmodule
//// comparison and copy of whole arrays
module t(input clk, input [7:0] d, output logic same, output [7:0] y);
  logic [3:0] p [2], q [2];
  always_ff @(posedge clk) begin p <= '{d[7:4], d[3:0]}; q <= p; same <= p == q; end
  assign y = {q[0], q[1]};
endmodule
// right
module t(input clk, input [7:0] d, output reg same, output [7:0] y);
  reg [7:0] p, q; always @(posedge clk) begin p <= d; q <= p; same <= p == q; end assign y = q;
endmodule
// wrong
module t(input clk, input [7:0] d, output reg same, output [7:0] y);
  reg [7:0] p, q; always @(posedge clk) begin p <= d; q <= p; same <= p[3:0] == q[3:0]; end assign y = q;
endmodule
//// patterns with names, indices and defaults
module t(input [3:0] a, output [15:0] y, output [11:0] z);
  typedef struct packed { logic [3:0] x; logic [7:0] w; } pair;
  logic [3:0] m [0:3]; pair p;
  always_comb begin m = '{0: a, 2: ~a, default: 4'd5}; p = '{w: {2{a}}, default: '1}; end
  assign y = {m[0], m[1], m[2], m[3]}; assign z = p;
endmodule
// right
module t(input [3:0] a, output [15:0] y, output [11:0] z); assign y = {a, 4'd5, ~a, 4'd5}; assign z = {4'hf, a, a}; endmodule
// wrong
module t(input [3:0] a, output [15:0] y, output [11:0] z); assign y = {4'd5, a, 4'd5, ~a}; assign z = {4'hf, a, a}; endmodule
//// structure of an array, copied from another
module t(input clk, input [9:0] a, output [9:0] y);
  typedef struct { logic [1:0] k; logic [3:0] v [2]; } rec;
  rec r, s;
  always_comb begin r.k = a[9:8]; r.v[0] = a[7:4]; r.v[1] = a[3:0]; end
  always_ff @(posedge clk) s <= r;
  assign y = {s.v[1], s.v[0], s.k};
endmodule
// right
module t(input clk, input [9:0] a, output [9:0] y);
  reg [9:0] s; always @(posedge clk) s <= a; assign y = {s[3:0], s[7:4], s[9:8]};
endmodule
// wrong
module t(input clk, input [9:0] a, output [9:0] y);
  reg [9:0] s; always @(posedge clk) s <= a; assign y = {s[7:4], s[3:0], s[9:8]};
endmodule
//// a memory that is too large for a vector, begun by a loop
module t(input clk, we, input [9:0] i, input [7:0] d, output logic [7:0] y);
  logic [7:0] m [0:1023];
  initial for (int k = 0; k < 1024; k++) m[k] = k;
  always_ff @(posedge clk) begin if (we) m[i] <= d; y <= m[i]; end
endmodule
// right
module t(input clk, we, input [9:0] i, input [7:0] d, output reg [7:0] y);
  reg [7:0] m [0:1023]; integer k; initial for (k = 0; k < 1024; k = k + 1) m[k] = k;
  always @(posedge clk) begin if (we) m[i] <= d; y <= m[i]; end
endmodule
// wrong
module t(input clk, we, input [9:0] i, input [7:0] d, output reg [7:0] y);
  reg [7:0] m [0:1023]; integer k; initial for (k = 0; k < 1024; k = k + 1) m[k] = k + 1;
  always @(posedge clk) begin if (we) m[i] <= d; y <= m[i]; end
endmodule
//// memory of two dimensions
module t(input clk, we, input [3:0] i, j, input [7:0] d, output logic [7:0] y, output [3:0] z);
  logic [7:0] m [16][16];
  always_ff @(posedge clk) begin if (we) begin m[i][j] <= d; m[j][i][3:0] <= 4'd9; end y <= m[i][j]; end
  assign z = m[i][i][7:4];
endmodule
// right
module t(input clk, we, input [3:0] i, j, input [7:0] d, output reg [7:0] y, output [3:0] z);
  reg [7:0] m [0:255]; wire [7:0] w = m[{i, i}];
  always @(posedge clk) begin if (we) begin m[{i, j}] <= d; m[{j, i}][3:0] <= 4'd9; end y <= m[{i, j}]; end
  assign z = w[7:4];
endmodule
// wrong
module t(input clk, we, input [3:0] i, j, input [7:0] d, output reg [7:0] y, output [3:0] z);
  reg [7:0] m [0:255]; wire [7:0] w = m[{i, j}];
  always @(posedge clk) begin if (we) begin m[{i, j}] <= d; m[{j, i}][3:0] <= 4'd9; end y <= m[{i, j}]; end
  assign z = w[7:4];
endmodule
//// foreach over packed and unpacked dimensions
module t(input [11:0] a, output logic [7:0] y);
  logic [1:0][2:0] m [2]; assign m[0] = a[11:6]; assign m[1] = a[5:0];
  always_comb begin y = 0; foreach (m[i, j]) y += m[i][j] * (i + 1); end
endmodule
// right
module t(input [11:0] a, output [7:0] y); assign y = a[11:9] + a[8:6] + 2*a[5:3] + 2*a[2:0]; endmodule
// wrong
module t(input [11:0] a, output [7:0] y); assign y = 2*a[11:9] + 2*a[8:6] + a[5:3] + a[2:0]; endmodule
//// reductions of arrays
module t(input [15:0] a, output [3:0] y, z);
  logic [3:0] m [4]; always_comb for (int i = 0; i < 4; i++) m[i] = a[4*i +: 4];
  assign y = m.xor(); assign z = m.sum();
endmodule
// right
module t(input [15:0] a, output [3:0] y, z);
  assign y = a[15:12] ^ a[11:8] ^ a[7:4] ^ a[3:0]; assign z = a[15:12] + a[11:8] + a[7:4] + a[3:0];
endmodule
// wrong
module t(input [15:0] a, output [3:0] y, z);
  assign y = a[15:12] ^ a[11:8] ^ a[7:4] ^ a[3:0]; assign z = a[15:12] + a[11:8] + a[7:4] - a[3:0];
endmodule
//// members driven in different ways
module t(input clk, input [3:0] d, output [7:0] y);
  struct packed { logic [3:0] now, then; } s;
  assign s.now = ~d;
  always_ff @(posedge clk) s.then <= s.now;
  assign y = s;
endmodule
// right
module t(input clk, input [3:0] d, output [7:0] y);
  reg [3:0] r; always @(posedge clk) r <= ~d; assign y = {~d, r};
endmodule
// wrong
module t(input clk, input [3:0] d, output [7:0] y);
  reg [3:0] r; always @(posedge clk) r <= d; assign y = {~d, r};
endmodule
//// parts of elements
module t(input [31:0] a, input [1:0] i, input [2:0] k, output [3:0] y, output [15:0] z);
  logic [3:0][7:0] q; assign q = a;
  assign y = q[i][k[1:0] +: 4]; assign z = q[2:1];
endmodule
// right
module t(input [31:0] a, input [1:0] i, input [2:0] k, output [3:0] y, output [15:0] z);
  assign y = a[8*i + k[1:0] +: 4]; assign z = a[23:8];
endmodule
// wrong
module t(input [31:0] a, input [1:0] i, input [2:0] k, output [3:0] y, output [15:0] z);
  assign y = a[8*i + k +: 4]; assign z = a[23:8];
endmodule
//// words of structures that initial sets and always_ff drives, by variable index
module t(input clk, we, input [1:0] w, r, input [7:0] d, output [7:0] y, output v, z);
  typedef struct packed { logic v; logic [7:0] d; } entry;
  entry mem [4]; entry [3:0] flat;
  initial begin for (int i = 0; i < 4; i++) mem[i] = '0; flat = '0; end
  always_ff @(posedge clk) if (we) begin
    mem[w].v <= 1; mem[w].d[7:4] <= d[7:4]; for (int k = 0; k < 4; k++) mem[w].d[k] <= d[k];
    flat[w].v <= d[0]; flat[w].d <= d;
  end
  assign y = mem[r].d; assign v = mem[r].v; assign z = flat[r].v ^ flat[w].d[7];
endmodule
// right
module t(input clk, we, input [1:0] w, r, input [7:0] d, output [7:0] y, output v, z);
  reg [8:0] mem [0:3]; reg [8:0] flat [0:3]; integer i;
  initial for (i = 0; i < 4; i = i + 1) begin mem[i] = 0; flat[i] = 0; end
  always @(posedge clk) if (we) begin mem[w] <= {1'b1, d}; flat[w] <= {d[0], d}; end
  wire [8:0] a = mem[r], b = flat[r], c = flat[w];
  assign y = a[7:0]; assign v = a[8]; assign z = b[8] ^ c[7];
endmodule
// wrong
module t(input clk, we, input [1:0] w, r, input [7:0] d, output [7:0] y, output v, z);
  reg [8:0] mem [0:3]; reg [8:0] flat [0:3]; integer i;
  initial for (i = 0; i < 4; i = i + 1) begin mem[i] = 0; flat[i] = 0; end
  always @(posedge clk) if (we) begin mem[w] <= {1'b1, d}; flat[w] <= {d[0], d}; end
  wire [8:0] a = mem[r], b = flat[r], c = flat[w];
  assign y = a[7:0]; assign v = a[8]; assign z = b[8] ^ c[6];
endmodule
//// vectors of one bit that are indexed
module t #(parameter W = 1, K = $clog2(W)) (input clk, input [K:0] i, input [W-1:0] d, s, output reg [W-1:0] q, output z, output reg [0:0] m);
  integer k; logic [0:0] w [0:1]; logic [0:0][W-1:0] p;
  always @(posedge clk) for (k = 0; k < W; k = k + 1) if (s[k]) q[k] <= d[k];
  always @(posedge clk) begin w[0][i] <= d[i]; w[1] <= w[0]; m[i] <= w[1][i] ^ p[i][0]; end
  function automatic logic f(input logic [W-1:0] a, input [K:0] j); logic [W-1:0] b; b = ~a; f = b[j]; endfunction
  assign p[0][0] = f(s, 0), z = f(d, i);
endmodule
// right
module t(input clk, input i, d, s, output reg q, output z, output reg m);
  reg u, v; always @(posedge clk) begin if (s) q <= d; if (!i) begin u <= d; m <= v ^ ~s; end v <= u; end
  assign z = i ? 1'bx : ~d;
endmodule
// wrong
module t(input clk, input i, d, s, output reg q, output z, output reg m);
  reg u, v; always @(posedge clk) begin if (s) q <= d; u <= d; m <= v ^ ~s; v <= u; end
  assign z = i ? 1'bx : ~d;
endmodule
//// a reversed range of one bit at other bounds, indexed through a port
module low #(parameter N = 1) (input [4:5-N] a, input [2:0] i, output [3:3] y); assign y[3] = a[i]; endmodule
module t(input [0:0] d, input [2:0] i, output y); low u(.a(d), .i, .y); endmodule
// right
module t(input d, input [2:0] i, output y); assign y = i == 4 ? d : 1'bx; endmodule
// wrong
module t(input d, input [2:0] i, output y); assign y = i == 4 ? ~d : 1'bx; endmodule
