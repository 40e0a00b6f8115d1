"""What Yosys can settle: the VerilogEval references against themselves, and against copies on the other clock edge.

    python benchmarks/formal_equivalence.py --data DIR [--every N] [--cpu SECONDS] [--recorded N]

DIR holds verilog-eval-v1/ (release/1.0.0) and verilog-eval-v2/ (main) of github.com/NVlabs/verilog-eval. Printed for
each suite: how many are proved, refuted and unknown, the median of the seconds, and each answer that is not expected.
--recorded N takes one in N of the GPT-3.5 completions of github.com/NVlabs/RTLFixer (rtlfixer/) instead, and prints
what Yosys says of the distinct designs that our bench passes.
"""

import argparse
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

from rich.console import Console

from itertl.errors import DataError
from itertl.records import Task
from itertl.suites.load import load_published
from itertl.suites.recorded import RECORDED, read_recorded
from itertl.verify import VerifySettings, verify
from itertl.verify.formal.equivalence import FormalLimits, Status, equivalence
from itertl.verilog.interface import read_interface
from itertl.verilog.tokens import tokens

SUITES = ("verilogeval-v1-human", "verilogeval-v1-machine", "verilogeval-v2-spec-to-rtl")
OTHER = {"posedge": "negedge", "negedge": "posedge"}


def itself(task: Task) -> str:
    """Return the reference."""
    return task.reference


def other_edge(task: Task) -> str:
    """Return the reference with its clock's edges turned round, or "" where it has none."""
    clocks = read_interface(task.reference, task.top).clocking.clocks
    code, parts, at = task.reference, [], 0
    for edge, name in pairwise(tokens(code)):
        if edge.text in OTHER and name.name in clocks:
            parts += [code[at : edge.start], OTHER[edge.text]]
            at = edge.end
    return "".join([*parts, code[at:]]) if parts else ""


def measure(
    tasks: Sequence[Task], candidate: Callable[[Task], str], expected: Status, cpu: float, console: Console
) -> str:
    """Compare each reference with what `candidate` makes of it; return counts and the median time."""
    counts: Counter[str] = Counter()
    seconds = []
    for task in tasks:
        try:
            code = candidate(task)
            started = time.perf_counter()
            if not code:
                continue
            found = equivalence(task.reference, code, task.top, limits=FormalLimits(cpu))
        except DataError as error:
            counts["not readable"] += 1
            console.print(f"  {task.id}: {error}", highlight=False, markup=False)
            continue
        seconds.append(time.perf_counter() - started)
        counts[found.status.value] += 1
        if found.status is not expected:
            console.print(f"  {task.id}: {found.status.value}, {found.detail}", highlight=False, markup=False)
    said = ", ".join(f"{name} {count}" for name, count in counts.most_common())
    return f"{said}; median {statistics.median(seconds):.2f} s" if seconds else said


def recorded(data: Path, every: int, cpu: float, console: Console) -> None:
    """Ask for a second opinion on real candidates that pass."""
    settings = VerifySettings(formal=True, formal_cpu=cpu)
    for suite, place in RECORDED.items():
        tasks = {task.id: task for task in load_published(suite, data)}
        rows = read_recorded(data / place, tasks, every)
        asked = [v for v in verify((row.design for row in rows), tasks, settings) if v.formal]
        counts = Counter(v.formal for v in asked)
        console.print(f"{suite}, {len(asked)} designs that pass: {dict(counts)}", highlight=False)
        for v in (v for v in asked if v.formal != Status.PROVED):
            console.print(f"  {v.task_id}: {v.formal}, {v.detail}", highlight=False, markup=False)


def main() -> None:
    """Measure each suite."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--every", type=int, default=1, help="one reference in so many")
    parser.add_argument("--cpu", type=float, default=20.0, help="seconds that Yosys may take for one")
    parser.add_argument("--suite", choices=SUITES, action="append")
    parser.add_argument("--recorded", type=int, help="one in so many of the recorded completions, instead")
    options = parser.parse_args()
    console = Console(width=160)
    if options.recorded:
        recorded(options.data, options.recorded, options.cpu, console)
        return
    for suite in options.suite or SUITES:
        tasks = load_published(suite, options.data)[:: options.every]
        console.print(f"{suite}, itself: {measure(tasks, itself, Status.PROVED, options.cpu, console)}")
        console.print(f"{suite}, other edge: {measure(tasks, other_edge, Status.REFUTED, options.cpu, console)}")


if __name__ == "__main__":
    main()
