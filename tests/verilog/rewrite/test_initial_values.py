"""A declaration's own initial value is there before any process runs, in plain Verilog, too."""

from itertl.records import Submission, Task
from itertl.verify import VerifySettings, verify
from itertl.verify.references import check_references

# Its process adds to the value that it reads: woken by the value's own arrival it would add the unknown first.
FEEDS_BACK = """module t(input [3:0] a, output [3:0] y);
  reg [3:0] k = 4'd3;
  reg [3:0] m [0:1];
  integer i;
  always @(*) begin
    for (i = 0; i < 2; i = i + 1) m[i] = a;
  end
  always @(*) k = (m[0] ^ m[1]) + k;
  assign y = k + a;
endmodule
"""


def test_a_value_that_feeds_back_is_known_from_the_start() -> None:
    task = Task.of(FEEDS_BACK)
    settings = VerifySettings(workers=1, cache=False)
    assert list(check_references([task], settings)) == [None]
    same = Submission.of(task, "module t(input [3:0] a, output [3:0] y); assign y = 4'd3 + a; endmodule")
    (verdict,) = verify([same], [task], settings)
    assert verdict.passed, verdict.detail
