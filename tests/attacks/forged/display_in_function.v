// mux: prints out of a combinational function
module top(input [1:0] s, input [3:0] a, output y);
  function f(input x); begin $display("passed"); f = x; end endfunction
  assign y = f(a[0]);
endmodule
