"""Feedback from EDA tools that no candidate can cheat: text in, verdict out.

    completion --extract--> code --guard--> accepted --simulate--> trace --compare--> Verdict --score--> float

The reference's outputs never enter the candidate's simulation: a bench drives both separately and prints what comes
out, and the two traces are compared here.

In: designs and their tasks. Out: a verdict for each distinct design. Imports: disk and below; never policy, tasks.

To read it in order: `engine` streams designs to `workers/`; `judge` is what a worker does with one task: the guard, the
reference's interface and clocking (in `verilog`), `stimuli` and `testbench`, a simulation of one or many by `batch` (in
`tools`, confined), of several tasks at once by `together`, `compare`, and `power_up` for what has passed. `judged` is
what comes back, `cache` remembers it, and `tool_errors` bounds how much of it may be the tools' failure; `cluster/` and
`folder/` are the ways to workers of other machines. Beside it stand verdicts by a suite's own bench (`official/`) and
by one in Python (`cocotb/`), a second opinion (`formal/`), what a design costs as hardware (`synthesis/`) and how it is
drawn (`schematic/`), the strength of a bench (`strength`), and what a verdict was read from (`replay`).
"""

from itertl.verify.engine import verify
from itertl.verify.references import check_reference, check_references, elaborates_alone, with_cross_check
from itertl.verify.settings import VerifySettings

__all__ = [
    "VerifySettings",
    "check_reference",
    "check_references",
    "elaborates_alone",
    "verify",
    "with_cross_check",
]
