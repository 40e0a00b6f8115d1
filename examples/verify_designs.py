"""Verify designs against a reference, without any model: three answers to one task, three verdicts.

python examples/verify_designs.py
"""

from itertl import Candidate, Task, verify
from itertl.tasks.header import top_first
from itertl.verify import code_id, extract_module

REFERENCE = """module counter(input clk, input rst, output reg [3:0] q);
  always @(posedge clk)
    if (rst) q <= 4'd0;
    else q <= q + 4'd1;
endmodule
"""
ANSWERS = {
    "right, with other words": REFERENCE.replace("q + 4'd1", "1 + q"),
    "counts on the wrong edge": REFERENCE.replace("posedge", "negedge"),
    "ends the simulation": "module counter(input clk, input rst, output reg [3:0] q); initial $finish; endmodule",
}


def main() -> None:
    """Print one line per answer."""
    reference, header, top = top_first(REFERENCE)
    task = Task("counter", "a 4-bit counter with synchronous reset", header, reference, top)
    candidates = []
    for index, text in enumerate(ANSWERS.values()):
        code = extract_module(text, header, top)
        candidates.append(Candidate(task.id, 0, index, 0, "", text, code, code_id(task.id, code)))
    for name, verdict in zip(ANSWERS, verify(candidates, [task]), strict=True):
        print(f"{name}: {verdict.outcome.value} {verdict.detail}")


if __name__ == "__main__":
    main()
