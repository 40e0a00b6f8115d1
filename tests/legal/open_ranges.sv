//// ranges without an end in generates and widths
module t #(parameter N = 5) (input [7:0] a, output [7:0] y, output [(N inside {[4:$]}) ? 3 : 1:0] w);
  function automatic int twice(int n); logic [(N inside {[6:$]}) ? 3 : 7:0] v = n * 16; return v; endfunction
  generate if (N inside {1, 2, [4:$]}) begin assign y[0] = a[0]; end else begin assign y[0] = ~a[0]; end endgenerate
  if (N inside {[$:4]}) assign y[1] = a[1]; else assign y[1] = ~a[1];
  case (twice(N) inside {[$:64]}) 1: assign y[2] = a[2]; default: assign y[2] = ~a[2]; endcase
  for (genvar i = 3; i inside {[$:N]}; i++) assign y[i] = a[i] ^ a[0];
  if (N - 6 inside {[0:$], [$:-2]}) assign y[7:6] = 0; else assign y[7:6] = a[7:6];
  assign w = '1;
endmodule
// right
module t(input [7:0] a, output [7:0] y, output [3:0] w);
  assign y = {a[7:6], a[5:3] ^ {3{a[0]}}, ~a[2:1], a[0]}, w = 15; endmodule
// wrong
module t(input [7:0] a, output [7:0] y, output [3:0] w);
  assign y = {a[7:6], a[5:3] ^ {3{a[0]}}, a[2:0]}, w = 15; endmodule
//// parameters, and variables of the type time
module t #(parameter time K = 4) (input [3:0] a, output [3:0] y, output z);
  localparam time M = 64'h1_0000_0000; time v;
  always_comb v = a - K;
  assign y = v[3:0], z = v > M;
endmodule
// right
module t(input [3:0] a, output [3:0] y, output z); assign y = a - 4, z = a < 4; endmodule
// wrong
module t(input [3:0] a, output [3:0] y, output z); assign y = a - 4, z = 0; endmodule
