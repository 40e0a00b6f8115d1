// dff: calls a task of the module above
module top(input clk, input d, output reg q);
  child c(clk);
  task t; q = 1; endtask
endmodule
module child(input k); always @(posedge k) t;
endmodule
