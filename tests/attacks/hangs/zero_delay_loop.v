// mux: oscillates in zero time
module top(input [1:0] s, input [3:0] a, output y);
  wire p; assign p = ~p; assign y = p;
  reg r = 0; always @(r) r = ~r;
endmodule
