"""Verify designs against a reference, without any model: three answers to one task, three verdicts.

python examples/verify_designs.py
"""

from itertl import Submission, Task, verify

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
    task = Task.of(REFERENCE, "a 4-bit counter with synchronous reset")
    designs = [Submission.of(task, text) for text in ANSWERS.values()]
    verdicts = {verdict.code_id: verdict for verdict in verify(designs, [task])}  # one for each distinct design
    for name, design in zip(ANSWERS, designs, strict=True):
        verdict = verdicts[design.code_id]
        print(f"{name}: {verdict.outcome.value} {verdict.detail}")


if __name__ == "__main__":
    main()
