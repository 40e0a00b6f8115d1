// dff: declares a module inside its module
module top(input clk, input d, output reg q);
  module inner; initial $finish; endmodule
  inner i();
endmodule
