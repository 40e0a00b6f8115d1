// dff: leaves a file in shared memory and in the system's temporary folder
module top(input clk, input d, output reg q);
  integer f; initial begin f = $fopen("/dev/shm/itertl-attack", "w"); f = $fopen("/tmp/itertl-attack", "w"); end
endmodule
