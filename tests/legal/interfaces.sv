//// interface with modports between two modules
interface bus; logic [3:0] d; logic v; modport src(output d, v); modport dst(input d, v); endinterface
module prod(input [3:0] a, bus.src o); assign o.d = a + 4'd1; assign o.v = a[0]; endmodule
module cons(bus.dst i, output [3:0] y); assign y = i.v ? i.d : 4'd0; endmodule
module t(input [3:0] a, output [3:0] y);
  bus b(); prod p(.a(a), .o(b.src)); cons c(.i(b.dst), .y(y));
endmodule
// right
module t(input [3:0] a, output [3:0] y); assign y = a[0] ? a + 4'd1 : 4'd0; endmodule
// wrong
module t(input [3:0] a, output [3:0] y); assign y = a[0] ? a : 4'd0; endmodule
//// interface with modports, connected whole
interface hs; logic [7:0] d; logic ok; modport m(output d, input ok); modport s(input d, output ok); endinterface
module m(input [7:0] a, hs.m h, output y); assign h.d = ~a; assign y = h.ok; endmodule
module s(hs.s h); assign h.ok = ^h.d; endmodule
module t(input [7:0] a, output y); hs h(); m m0(a, h, y); s s0(h); endmodule
// right
module t(input [7:0] a, output y); assign y = ^(~a); endmodule
// wrong
module t(input [7:0] a, output y); assign y = ~^a ^ a[0]; endmodule
//// interface with a parameter and a port
interface bus #(parameter W = 4) (input logic clk); logic [W-1:0] q; modport w(input clk, output q); modport r(input q); endinterface
module cnt #(parameter W = 4) (bus.w b, input rst);
  always_ff @(posedge b.clk) if (rst) b.q <= '0; else b.q <= b.q + 1'b1;
endmodule
module t(input clk, rst, output [4:0] y);
  bus #(.W(5)) b(clk); cnt #(5) c(b, rst); assign y = b.q;
endmodule
// right
module t(input clk, rst, output reg [4:0] y); always @(posedge clk) if (rst) y <= 0; else y <= y + 1; endmodule
// wrong
module t(input clk, rst, output reg [4:0] y); always @(posedge clk) if (rst) y <= 0; else y <= y + 2; endmodule
//// interface without modports
interface wires; logic [3:0] x, z; endinterface
module f(wires w); assign w.z = w.x ^ 4'h5; endmodule
module t(input [3:0] a, output [3:0] y);
  wires w(); f u(.w(w)); assign w.x = a; assign y = w.z;
endmodule
// right
module t(input [3:0] a, output [3:0] y); assign y = a ^ 4'h5; endmodule
// wrong
module t(input [3:0] a, output [3:0] y); assign y = a ^ 4'h7; endmodule
//// interface with a function and an assignment
interface sums; logic [3:0] a, b; wire [4:0] s; assign s = add(a, b);
  function automatic logic [4:0] add(input logic [3:0] p, q); return p + q; endfunction
endinterface
module t(input [3:0] a, b, output [4:0] y); sums i(); assign i.a = a; assign i.b = b; assign y = i.s; endmodule
// right
module t(input [3:0] a, b, output [4:0] y); assign y = a + b; endmodule
// wrong
module t(input [3:0] a, b, output [4:0] y); assign y = a - b; endmodule
//// two instances of one interface, written by a procedure
interface r; logic [2:0] v; modport o(output v); endinterface
module set(input clk, input [2:0] d, r.o p); always_ff @(posedge clk) p.v <= d; endmodule
module t(input clk, input [2:0] d, e, output [2:0] y);
  r i1(), i2(); set s1(clk, d, i1), s2(clk, e, i2); assign y = i1.v & ~i2.v;
endmodule
// right
module t(input clk, input [2:0] d, e, output [2:0] y); reg [2:0] p, q;
  always @(posedge clk) begin p <= d; q <= e; end assign y = p & ~q; endmodule
// wrong
module t(input clk, input [2:0] d, e, output [2:0] y); reg [2:0] p, q;
  always @(posedge clk) begin p <= d; q <= e; end assign y = p | ~q; endmodule
//// array of interfaces in a generate loop
interface lane; logic [1:0] i, o; modport x(input i, output o); endinterface
module inv(lane.x l); assign l.o = ~l.i; endmodule
module t(input [5:0] a, output [5:0] y);
  lane l[3]();
  for (genvar g = 0; g < 3; g++) begin : gen
    inv u(l[g]); assign l[g].i = a[2*g +: 2]; assign y[2*g +: 2] = l[g].o;
  end
endmodule
// right
module t(input [5:0] a, output [5:0] y); assign y = ~a; endmodule
// wrong
module t(input [5:0] a, output [5:0] y); assign y = ~a ^ 6'd4; endmodule
//// interface handed down through a level
interface bus; logic [3:0] d, q; modport dev(input d, output q); endinterface
module leaf(bus.dev b); assign b.q = {b.d[0], b.d[3:1]}; endmodule
module mid(bus.dev b); leaf l(.*); endmodule
module t(input [3:0] a, output [3:0] y); bus b(); mid m(b); assign b.d = a; assign y = b.q; endmodule
// right
module t(input [3:0] a, output [3:0] y); assign y = {a[0], a[3:1]}; endmodule
// wrong
module t(input [3:0] a, output [3:0] y); assign y = {a[2:0], a[3]}; endmodule
//// generic interface port
interface bus; logic [3:0] d, q; endinterface
module leaf(interface b); assign b.q = b.d + 4'd3; endmodule
module t(input [3:0] a, output [3:0] y); bus b(); leaf m(b); assign b.d = a; assign y = b.q; endmodule
// right
module t(input [3:0] a, output [3:0] y); assign y = a + 4'd3; endmodule
// wrong
module t(input [3:0] a, output [3:0] y); assign y = a + 4'd2; endmodule
//// interface with a structure and a task through a modport
interface bus; typedef struct packed { logic v; logic [2:0] d; } pkt; pkt p; modport tx(output p, import pack);
  function automatic pkt pack(input logic [2:0] d); return '{v: ^d, d: d}; endfunction
endinterface
module tx(input [2:0] d, bus.tx b); always_comb b.p = b.pack(d); endmodule
module t(input [2:0] d, output [3:0] y); bus b(); tx x(d, b); assign y = b.p; endmodule
// right
module t(input [2:0] d, output [3:0] y); assign y = {^d, d}; endmodule
// wrong
module t(input [2:0] d, output [3:0] y); assign y = {~^d, d}; endmodule
//// interface with tri-state-free handshake and a register inside of the interface
interface reg_if(input logic clk, rst); logic [3:0] d, q; always_ff @(posedge clk) if (rst) q <= 0; else q <= d; modport w(output d, input q); endinterface
module inc(reg_if.w r); always_comb r.d = r.q + 4'd3; endmodule
module t(input clk, rst, output [3:0] y); reg_if r(.*); inc i(r); assign y = r.q; endmodule
// right
module t(input clk, rst, output reg [3:0] y); always @(posedge clk) if (rst) y <= 0; else y <= y + 3; endmodule
// wrong
module t(input clk, rst, output reg [3:0] y); always @(posedge clk) if (rst) y <= 0; else y <= y + 1; endmodule
//// fifo behind an interface with packages and parameters
package cfg; typedef struct packed { logic [1:0] id; logic [3:0] d; } pkt_t; endpackage
interface st import cfg::*; #(parameter type T = pkt_t); logic v, r; T d; modport src(output v, d, input r); modport dst(input v, d, output r); endinterface
module stage import cfg::*; (input clk, rst, st.dst i, st.src o);
  pkt_t q; logic f; assign o.v = f; assign o.d = q; assign i.r = !f || o.r;
  always_ff @(posedge clk) if (rst) f <= 0; else if (i.v && i.r) begin f <= 1; q <= i.d; end else if (o.r) f <= 0;
endmodule
module t(input clk, rst, input v, r, input [5:0] d, output ov, or_, output [5:0] q);
  st a(), b(), c(); stage s0(clk, rst, a, b), s1(.clk, .rst, .i(b), .o(c.src));
  assign a.v = v, a.d = d, c.r = r; assign ov = c.v, or_ = a.r, q = c.v ? c.d : 0;
endmodule
// right
module st1(input clk, rst, iv, output ir, input [5:0] id, output ov, input r, output [5:0] od); reg f; reg [5:0] q;
  assign ov = f, od = q, ir = !f || r; always @(posedge clk) if (rst) f <= 0; else if (iv && ir) begin f <= 1; q <= id; end else if (r) f <= 0; endmodule
module t(input clk, rst, input v, r, input [5:0] d, output ov, or_, output [5:0] q); wire m, mr; wire [5:0] md, o;
  st1 a(clk, rst, v, or_, d, m, mr, md), b(clk, rst, m, mr, md, ov, r, o); assign q = ov ? o : 0; endmodule
// wrong
module st1(input clk, rst, iv, output ir, input [5:0] id, output ov, input r, output [5:0] od); reg f; reg [5:0] q;
  assign ov = f, od = q, ir = !f; always @(posedge clk) if (rst) f <= 0; else if (iv && ir) begin f <= 1; q <= id; end else if (r) f <= 0; endmodule
module t(input clk, rst, input v, r, input [5:0] d, output ov, or_, output [5:0] q); wire m, mr; wire [5:0] md, o;
  st1 a(clk, rst, v, or_, d, m, mr, md), b(clk, rst, m, mr, md, ov, r, o); assign q = ov ? o : 0; endmodule
//// interface with memories and a loop
interface mem_if; logic [1:0] a; logic [3:0] w, r; logic we; modport s(input a, w, we, output r); endinterface
module ram(input clk, mem_if.s b); logic [3:0] m [4]; initial for (int i = 0; i < 4; i++) m[i] = 0;
  always_ff @(posedge clk) if (b.we) m[b.a] <= b.w; assign b.r = m[b.a]; endmodule
module t(input clk, input [1:0] a, input [3:0] w, input we, output [3:0] y); mem_if b(); ram r(clk, b); assign b.a = a; always_comb begin b.w = w; b.we = we; end assign y = b.r; endmodule
// right
module t(input clk, input [1:0] a, input [3:0] w, input we, output [3:0] y); reg [3:0] m [0:3]; integer i; initial for (i = 0; i < 4; i = i + 1) m[i] = 0;
  always @(posedge clk) if (we) m[a] <= w; assign y = m[a]; endmodule
// wrong
module t(input clk, input [1:0] a, input [3:0] w, input we, output [3:0] y); reg [3:0] m [0:3]; integer i; initial for (i = 0; i < 4; i = i + 1) m[i] = 0;
  always @(posedge clk) if (we) m[a] <= w; assign y = m[~a]; endmodule
//// instances of a module with interfaces in a generate loop
interface b_if; logic x, y; modport p(input x, output y); endinterface
module n(b_if.p p); assign p.y = !p.x; endmodule
module t(input [3:0] a, output [3:0] y); genvar g; generate for (g = 0; g < 4; g = g + 1) begin : l b_if b(); n u(b); assign b.x = a[g]; assign y[g] = b.y; end endgenerate endmodule
// right
module t(input [3:0] a, output [3:0] y); assign y = ~a; endmodule
// wrong
module t(input [3:0] a, output [3:0] y); assign y = a; endmodule
//// modport expressions
interface e_if; logic [7:0] w; modport lo(input .v(w[3:0]), output .o(w[7:4])); endinterface
module sw(e_if.lo p); assign p.o = ~p.v; endmodule
module t(input [3:0] a, output [7:0] y); e_if e(); sw s(e); assign e.w[3:0] = a; assign y = e.w; endmodule
// right
module t(input [3:0] a, output [7:0] y); assign y = {~a, a}; endmodule
// wrong
module t(input [3:0] a, output [7:0] y); assign y = {a, a}; endmodule
//// virtual-free array of interfaces handed to a module
interface c_if; logic [1:0] d; endinterface
module sum(c_if c [2], output [2:0] y); assign y = c[0].d + c[1].d; endmodule
module t(input [1:0] a, b, output [2:0] y); c_if c[2](); sum s(c, y); assign c[0].d = a; assign c[1].d = b; endmodule
// right
module t(input [1:0] a, b, output [2:0] y); assign y = a + b; endmodule
// wrong
module t(input [1:0] a, b, output [2:0] y); assign y = a - b; endmodule
