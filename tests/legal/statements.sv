//// inside with open ranges
module t(input [3:0] a, output y, output logic z);
  assign y = a inside {[$:2], 5, [12:$]};
  always_comb case (a) inside [0:3]: z = 1; 4'b1??0: z = 1; [14:$]: z = 1; default: z = 0; endcase
endmodule
// right
module t(input [3:0] a, output y, z); assign y = a < 3 || a == 5 || a > 11; assign z = a < 4 || (a[3] & ~a[0]) || a > 13; endmodule
// wrong
module t(input [3:0] a, output y, z); assign y = a < 2 || a == 5 || a > 11; assign z = a < 4 || (a[3] & ~a[0]) || a > 13; endmodule
//// inside with expressions
module t(input [3:0] a, b, output y); assign y = (a + b) inside {4'd1, [b:4'd9]}; endmodule
// right
module t(input [3:0] a, b, output y); wire [3:0] s = a + b; assign y = s == 1 || (s >= b && s <= 9); endmodule
// wrong
module t(input [3:0] a, b, output y); wire [4:0] s = a + b; assign y = s == 1 || (s >= b && s <= 9); endmodule
//// iff in an event control
module t(input clk, en, input [3:0] d, output logic [3:0] q); always_ff @(posedge clk iff en) q <= d; endmodule
// right
module t(input clk, en, input [3:0] d, output reg [3:0] q); always @(posedge clk) if (en) q <= d; endmodule
// wrong
module t(input clk, en, input [3:0] d, output reg [3:0] q); always @(posedge clk) q <= d; endmodule
//// iff on one of two events
module t(input clk, en, rst_n, input [3:0] d, output logic [3:0] q);
  always @(posedge clk iff en or negedge rst_n) if (!rst_n) q <= 0; else q <= d;
endmodule
// right
module t(input clk, en, rst_n, input [3:0] d, output reg [3:0] q);
  always @(posedge clk or negedge rst_n) if (!rst_n) q <= 0; else if (en) q <= d;
endmodule
// wrong
module t(input clk, en, rst_n, input [3:0] d, output reg [3:0] q);
  always @(posedge clk or negedge rst_n) if (!rst_n) q <= 0; else if (!en) q <= d;
endmodule
//// loops with two variables, do and while
module t(input [7:0] a, output logic [7:0] y, z);
  always_comb begin
    for (int i = 0, j = 7; i < j; i++, j--) begin y[i] = a[j]; y[j] = a[i]; end
    z = a; do z = z - 3; while (z > 20);
  end
endmodule
// right
module t(input [7:0] a, output [7:0] y, output reg [7:0] z);
  assign y = {a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]};
  always @* begin z = a - 3; while (z > 20) z = z - 3; end
endmodule
// wrong
module t(input [7:0] a, output [7:0] y, output reg [7:0] z);
  assign y = {a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]};
  always @* begin z = a; while (z > 20) z = z - 3; end
endmodule
//// break out of the inner loop, continue in the outer
module t(input [7:0] a, output logic [7:0] y);
  always_comb begin
    y = 0;
    for (int i = 0; i < 4; i++) begin
      if (a[i]) continue;
      for (int j = 4; j < 8; j++) begin if (a[j]) break; y++; end
      y += 16;
    end
  end
endmodule
// right
module t(input [7:0] a, output [7:0] y);
  wire [7:0] n = a[4] ? 16 : a[5] ? 17 : a[6] ? 18 : a[7] ? 19 : 20; wire [2:0] c = !a[0] + !a[1] + !a[2] + !a[3];
  assign y = n * c;
endmodule
// wrong
module t(input [7:0] a, output [7:0] y);
  wire [7:0] n = a[4] ? 16 : a[5] ? 17 : a[6] ? 18 : a[7] ? 19 : 20; wire [2:0] c = a[0] + a[1] + a[2] + a[3];
  assign y = n * c;
endmodule
//// disable of a block around
module t(input [3:0] a, output logic [3:0] y);
  always_comb begin : all
    y = 1;
    begin : part y = y + 1; if (a[0]) disable part; y = y + 2; if (a[1]) disable all; end
    y = y + 8;
  end
endmodule
// right
module t(input [3:0] a, output [3:0] y); assign y = a[0] ? 10 : a[1] ? 4 : 12; endmodule
// wrong
module t(input [3:0] a, output [3:0] y); assign y = a[0] ? 2 : a[1] ? 4 : 12; endmodule
//// increments inside expressions
module t(input [3:0] a, output logic [7:0] y);
  always_comb begin automatic int k = 0; y = 0; y[k++] = a[0]; y[k++] = a[1]; y[++k] = a[2]; y += k; end
endmodule
// right
module t(input [3:0] a, output [7:0] y); assign y = {4'd0, a[2], 1'b0, a[1:0]} + 3; endmodule
// wrong
module t(input [3:0] a, output [7:0] y); assign y = {5'd0, a[2:0]} + 3; endmodule
//// casts of width, sign and type
module t(input [7:0] a, output [7:0] x, y, z, output [3:0] w);
  typedef logic signed [3:0] nib;
  assign x = nib'(a); assign y = signed'(a[3:0]) >>> 1; assign z = 8'(signed'(a[1:0])); assign w = 2'(a + 8'd1) + 1;
endmodule
// right
module t(input [7:0] a, output [7:0] x, y, z, output [3:0] w);
  wire [1:0] s = a + 1; assign x = {{4{a[3]}}, a[3:0]}; assign y = {{5{a[3]}}, a[3:1]}; assign z = {{6{a[1]}}, a[1:0]}; assign w = s + 1;
endmodule
// wrong
module t(input [7:0] a, output [7:0] x, y, z, output [3:0] w);
  wire [1:0] s = a + 1; assign x = a[3:0]; assign y = {{5{a[3]}}, a[3:1]}; assign z = {{6{a[1]}}, a[1:0]}; assign w = s + 1;
endmodule
//// streams
module t(input [7:0] a, b, output [15:0] x, output [7:0] y, output logic [3:0] p, q);
  assign x = {<<8{a, b}}; assign y = {<<{a ^ b}};
  always_comb {>>{p, q}} = a;
endmodule
// right
module t(input [7:0] a, b, output [15:0] x, output [7:0] y, output [3:0] p, q);
  wire [7:0] c = a ^ b; assign x = {b, a}; assign y = {c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7]}; assign {p, q} = a;
endmodule
// wrong
module t(input [7:0] a, b, output [15:0] x, output [7:0] y, output [3:0] p, q);
  wire [7:0] c = a ^ b; assign x = {a, b}; assign y = {c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7]}; assign {p, q} = a;
endmodule
//// implication, wildcard equality, power
module t(input [3:0] a, b, output x, y, output [7:0] z);
  assign x = a[0] -> b[0]; assign y = a ==? 4'b1?0?; assign z = 3 ** a[1:0];
endmodule
// right
module t(input [3:0] a, b, output x, y, output [7:0] z); assign x = ~a[0] | b[0]; assign y = a[3] & ~a[1]; assign z = a[1:0] == 0 ? 1 : a[1:0] == 1 ? 3 : a[1:0] == 2 ? 9 : 27; endmodule
// wrong
module t(input [3:0] a, b, output x, y, output [7:0] z); assign x = a[0] | ~b[0]; assign y = a[3] & ~a[1]; assign z = a[1:0] == 0 ? 1 : a[1:0] == 1 ? 3 : a[1:0] == 2 ? 9 : 27; endmodule
//// selection from a value without a name
module t(input [3:0] a, b, input [1:0] i, output y, output [1:0] z);
  function automatic [7:0] f(input [3:0] x); return {x, ~x}; endfunction
  assign y = {a, b}[5]; assign z = {a, b}[i +: 2];
endmodule
// right
module t(input [3:0] a, b, input [1:0] i, output y, output [1:0] z); wire [7:0] c = {a, b}; assign y = c[5]; assign z = c[i +: 2]; endmodule
// wrong
module t(input [3:0] a, b, input [1:0] i, output y, output [1:0] z); wire [7:0] c = {b, a}; assign y = c[5]; assign z = c[i +: 2]; endmodule
//// two-state variables
module t(input clk, rst, input [3:0] d, output [3:0] y);
  bit [3:0] n; int k;
  always_ff @(posedge clk) begin if (rst) n <= 0; else n <= n + d; end
  always_comb k = n - 1;
  assign y = k;
endmodule
// right
module t(input clk, rst, input [3:0] d, output [3:0] y);
  reg [3:0] n = 0; always @(posedge clk) if (rst) n <= 0; else n <= n + d; assign y = n - 1;
endmodule
// wrong
module t(input clk, rst, input [3:0] d, output [3:0] y);
  reg [3:0] n = 0; always @(posedge clk) if (rst) n <= 0; else n <= n - d; assign y = n - 1;
endmodule
//// unique, priority and nested case
module t(input [2:0] a, output logic [3:0] y);
  always_comb begin
    unique case (1'b1) a[0]: y = 1; a[1] && !a[0]: y = 2; default: priority if (a[2]) y = 3; else y = 4; endcase
    unique0 casez (a) 3'b11?: y += 8; endcase
  end
endmodule
// right
module t(input [2:0] a, output [3:0] y); assign y = (a[0] ? 1 : a[1] ? 2 : a[2] ? 3 : 4) + (a[2] & a[1] ? 8 : 0); endmodule
// wrong
module t(input [2:0] a, output [3:0] y); assign y = (a[0] ? 1 : a[1] ? 2 : a[2] ? 3 : 4) + (a[2] ? 8 : 0); endmodule
//// blocks in loops that are generated
module t(input clk, input [7:0] d, output [7:0] q);
  for (genvar i = 0; i < 8; i++) begin
    logic r;
    if (i % 2) begin : odd always_ff @(posedge clk) r <= d[i]; end
    else always_ff @(negedge clk) r <= ~d[i];
    assign q[i] = r;
  end
endmodule
// right
module t(input clk, input [7:0] d, output [7:0] q);
  reg [3:0] p, n; always @(posedge clk) p <= {d[7], d[5], d[3], d[1]}; always @(negedge clk) n <= ~{d[6], d[4], d[2], d[0]};
  assign q = {p[3], n[3], p[2], n[2], p[1], n[1], p[0], n[0]};
endmodule
// wrong
module t(input clk, input [7:0] d, output [7:0] q);
  reg [3:0] p, n; always @(posedge clk) p <= {d[7], d[5], d[3], d[1]}; always @(posedge clk) n <= ~{d[6], d[4], d[2], d[0]};
  assign q = {p[3], n[3], p[2], n[2], p[1], n[1], p[0], n[0]};
endmodule
//// items that are empty
module t(input clk, rst, input [3:0] d, output reg [3:0] q);; wire [3:0] w = d;; ; // nothing
  ;
  always @(posedge clk) begin if (rst) q <= 0; else begin q <= w; end end;
  generate if (1) begin : g ; end endgenerate;
endmodule;
// right
module t(input clk, rst, input [3:0] d, output reg [3:0] q); always @(posedge clk) if (rst) q <= 0; else q <= d; endmodule
// wrong
module t(input clk, rst, input [3:0] d, output reg [3:0] q); always @(posedge clk) if (rst) q <= 0; else q <= ~d; endmodule
