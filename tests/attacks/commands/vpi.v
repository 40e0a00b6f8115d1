// dff: calls a task of a library of its own
module top(input clk, input d, output reg q);
  initial $my_library_task("id");
endmodule
