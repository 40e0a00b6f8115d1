"""How far Yosys' figures move when nothing changes: references beside themselves in other words.

    python benchmarks/rewording_floor.py --data DIR [--suite SUITE] [--every N] [--sandbox off]

DIR holds the published suites. Each reference is synthesized as it is and in four other wordings of each kind: other
names alone, operands and items in another order, and all of it together (what `evaluation.quality` takes as its floor).
Printed for each measure: of how many references the figure moves, and the median, 90th percentile and maximum of
(largest - smallest) / reference. References whose figure is 0 have no ratio and are left out. A sandbox may hide
pyosys where it is installed below /root; `--sandbox off` takes it, and trusts the suite.
"""

import argparse
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from itertl.evaluation.quality import MEASURES, REWORDINGS
from itertl.records import Submission, Synthesis, SynthesisStatus, Task
from itertl.suites.load import load_published
from itertl.suites.published import PUBLISHED
from itertl.verify import VerifySettings
from itertl.verify.synthesis.stream import synthesize
from itertl.verilog.renaming import renamed
from itertl.verilog.rewording import reordered, reworded, swapped

KINDS: dict[str, Callable[[Task, int], str]] = {
    "names": lambda task, seed: renamed(task.reference, task.top, seed),
    "order": lambda task, seed: reordered(swapped(task.reference, seed), seed),
    "all": lambda task, seed: reworded(task.reference, task.top, seed),
}


def spreads(families: Sequence[Sequence[Synthesis]], measure: str) -> list[float]:
    """Return the relative spread of each reference (the first of its family) that has a figure."""
    values = [[getattr(row, measure) for row in family] for family in families]
    return sorted((max(v) - min(v)) / v[0] for v in values if v[0])


def main() -> None:
    """Synthesize all wordings in one stream, then print a line for each kind and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--suite", choices=PUBLISHED, default="verilogeval-v2-spec-to-rtl")
    parser.add_argument("--every", type=int, default=1, help="one reference in so many")
    parser.add_argument("--sandbox", choices=("auto", "off"), default="auto")
    options = parser.parse_args()
    tasks = load_published(options.suite, options.data)[:: options.every]
    seeds = range(1, REWORDINGS + 1)
    texts = {
        (task.id, kind): [Submission.whole(task.id, code) for code in (task.reference, *(make(task, s) for s in seeds))]
        for task in tasks
        for kind, make in KINDS.items()
    }
    asked = (design for family in texts.values() for design in family)
    rows = {
        (row.task_id, row.code_id): row for row in synthesize(asked, tasks, VerifySettings(sandbox=options.sandbox))
    }
    console = Console(width=120)
    table = Table("wording", "measure", "references", "moved", "median", "90 %", "largest")
    for kind in KINDS:
        families = [[rows[d.task_id, d.code_id] for d in texts[task.id, kind]] for task in tasks]
        whole = [f for f in families if all(row.status is SynthesisStatus.SYNTHESIZABLE for row in f)]
        for measure in MEASURES:
            found = spreads(whole, measure)
            figures = (statistics.median(found), statistics.quantiles(found, n=10)[-1], found[-1])
            moved = sum(spread > 0 for spread in found)
            table.add_row(kind, measure, str(len(found)), str(moved), *(f"{100 * f:.1f} %" for f in figures))
    console.print(table)
    failed = {row.task_id: row for row in rows.values() if row.status is not SynthesisStatus.SYNTHESIZABLE}
    for row in failed.values():
        console.print(f"{row.task_id}: {row.status.value}, {row.detail}", highlight=False, markup=False)
    seconds = [row.seconds for row in rows.values()]
    tools = ", ".join(sorted({row.tools for row in rows.values()}))
    console.print(f"{len(rows)} runs, median {statistics.median(seconds):.3f} s, longest {max(seconds):.1f} s; {tools}")


if __name__ == "__main__":
    main()
