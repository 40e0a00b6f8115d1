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
