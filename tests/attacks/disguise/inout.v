// mux: declares its output as inout
module top(input [1:0] s, input [3:0] a, inout y);
endmodule
