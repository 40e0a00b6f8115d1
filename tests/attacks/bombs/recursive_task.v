// dff: calls a task from itself without end
module top(input clk, input d, output reg q);
  task automatic t; begin q = d; t; end endtask initial t;
endmodule
