"""How far verdicts from the reference alone agree with recorded ones: 5,980 GPT-3.5 completions for VerilogEval v1.

    python benchmarks/verdict_agreement.py --data DIR [--every N]

DIR holds verilog-eval-v1/ (github.com/NVlabs/verilog-eval, release/1.0.0) and rtlfixer/ (github.com/NVlabs/RTLFixer),
whose rows carry the verdict that their publisher recorded under the suite's testbench. Each completion is verified
twice: `pasted` behind the task's header, which is the file that the suite compiles, and `extracted`, the design that
verification finds in the text. The two differ where a completion repeats the header. --every N takes one row in N.
Printed: agreement both ways, and each class of disagreement of `pasted` with its number, its cause and an example.
"""

import argparse
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from itertl import Outcome, Submission, Task, Verdict, verify
from itertl.suites.load import load_published
from itertl.suites.recorded import RECORDED, Recorded, read_recorded
from itertl.verify import VerifySettings

CAUSES = {  # of what was recorded as passed and differs from the reference, by problem
    "conditional": "suite's bench too weak: it never offers equal numbers",
    "gatesv100": "suite's bench too weak: $random has 32 bits, the vector 100",
    "fsm_ps2": "suite's bench too weak: the reference is undefined in all 200 samples",
    "2012_q2fsm": "suite's bench too weak: the reference is undefined in 189 of 200 samples",
    "review2015_fsmshift": "suite's bench too weak: it resets once, while the state is still undefined",
    "circuit5": "suite's bench too weak: what the sensitivity list lacks never changes alone",
    "review2015_shiftcount": "the description leaves shift and count at once open; the reference decides it",
}
COMPILE = "the suite counts any compiler warning as a failure"
Pair = tuple[Recorded, Verdict]


def judged(tasks: Mapping[str, Task], rows: Sequence[Recorded], pasted: bool, workers: int) -> list[Pair]:
    """Return the rows with the verdicts on their designs, pasted or extracted."""
    designs = []
    for row in rows:
        design = row.design
        code = f"{tasks[design.task_id].header}\n{design.text}" if pasted else design.code
        designs.append(Submission.whole(design.task_id, code))
    settings = VerifySettings(workers=workers, cache=False)
    verdicts = {(v.task_id, v.code_id): v for v in verify(designs, tasks, settings)}
    return [(row, verdicts[d.task_id, d.code_id]) for row, d in zip(rows, designs, strict=True)]


def agreement(pairs: Sequence[Pair]) -> str:
    """Return how many verdicts agree, and what share; a tool error agrees with nothing."""
    agreed = sum(v.passed == r.passed and v.outcome is not Outcome.TOOL_ERROR for r, v in pairs)
    return f"{agreed} of {len(pairs)} agree ({agreed / len(pairs):.2%})"


def cause(row: Recorded, verdict: Verdict) -> str:
    """Return why a verdict differs from the recorded one."""
    if row.passed:
        return CAUSES.get(verdict.task_id, "not explained")
    return COMPILE if row.result.startswith("failed: compile") else "not explained"


def show_classes(pairs: Sequence[Pair], console: Console) -> None:
    """Print the disagreements by problem and cause."""
    classes: dict[tuple[str, str, str, str], list[Verdict]] = defaultdict(list)
    for row, verdict in pairs:
        if verdict.passed != row.passed or verdict.outcome is Outcome.TOOL_ERROR:
            recorded = row.result.splitlines()[0][:24]
            classes[recorded, verdict.outcome.value, verdict.task_id, cause(row, verdict)].append(verdict)
    table = Table("recorded", "here", "problem", "number", "cause", "first example")
    for (recorded, here, problem, why), found in sorted(classes.items(), key=lambda item: -len(item[1])):
        table.add_row(recorded, here, problem, str(len(found)), why, found[0].detail[:60])
    console.print(table)


def main() -> None:
    """Compare both suites, both ways."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--workers", type=int, default=0)
    options = parser.parse_args()
    console = Console(width=200)
    together: dict[str, list[Pair]] = defaultdict(list)
    for suite, place in RECORDED.items():
        tasks = {task.id: task for task in load_published(suite, options.data)}
        rows = read_recorded(options.data / place, tasks, options.every)
        for way in ("pasted", "extracted"):
            pairs = judged(tasks, rows, way == "pasted", options.workers)
            together[way] += pairs
            console.print(f"{suite}, {way}: {agreement(pairs)}")
            if way == "pasted":
                show_classes(pairs, console)
    for way, pairs in together.items():
        console.print(f"both suites, {way}: {agreement(pairs)}")


if __name__ == "__main__":
    main()
