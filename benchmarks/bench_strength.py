"""Strength of benches: how many mutants of the VerilogEval references our bench kills, beside the suites' own benches.

    python benchmarks/bench_strength.py --data DIR --per-reference 20 [--seed S] [--every N] [--survivors FILE]

DIR holds verilog-eval-v1/ (release/1.0.0) and verilog-eval-v2/ (main) of github.com/NVlabs/verilog-eval. Mutants that
survive ours are decided by Yosys. Printed for each suite: the share of the non-equivalent mutants that either bench
kills, in all and by kind of mutant, then the survivors and the undecided ones. FILE gets the survivors with their code.
"""

import argparse
import difflib
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from itertl.errors import DataError
from itertl.records import Task
from itertl.suites.load import load_published
from itertl.suites.published import PUBLISHED
from itertl.verify import VerifySettings, check_reference
from itertl.verify.strength import Fate, Strength, measure
from itertl.verilog.extract import extract_module
from itertl.verilog.mutants import Mutant, mutants
from itertl.verilog.mutations import KINDS

SUITES = ("verilogeval-v1-human", "verilogeval-v2-spec-to-rtl")  # unless others are asked for


def draw(tasks: Sequence[Task], count: int, seed: int, console: Console) -> dict[str, list[Mutant]]:
    """Return mutants of each reference that itself passes verification."""
    drawn = {}
    for task in tasks:
        if fault := check_reference(task):
            console.print(f"left out: {task.id}: {fault}", highlight=False, markup=False)
            continue
        try:
            drawn[task.id] = mutants(extract_module(task.reference, task.header, task.top), task.top, count, seed)
        except DataError as error:
            console.print(f"left out: {task.id}: {error}", highlight=False, markup=False)
    return drawn


def share(pair: tuple[int, int]) -> str:
    """Return a share as text."""
    return f"{pair[0]} of {pair[1]} ({pair[0] / pair[1]:.1%})" if pair[1] else "-"


def show(suite: str, fates: Sequence[Fate], seconds: float, console: Console) -> None:
    """Print the figures of one suite."""
    table = Table("kind", "mutants", "killed by ours", "by the suite's bench", "equivalent", "undecided", "refused")
    for kind in ("all", *KINDS):
        of_kind = [f for f in fates if kind in ("all", f.mutant.kind)]
        if of_kind:
            s = Strength.of(of_kind)
            rest = (str(s.equivalent), str(s.undecided), str(s.refused))
            table.add_row(kind, str(len(of_kind)), share(s.ours), share(s.theirs), *rest)
    console.print(f"{suite}: {len(fates)} mutants in {seconds:.0f} s")
    console.print(table)
    for standing in ("survived", "undecided"):
        for fate in (f for f in fates if f.standing == standing):
            what = f"{fate.task_id}:{fate.mutant.line} {fate.mutant.kind}: {fate.mutant.change}"
            said = f"{standing} {what} | theirs {fate.theirs} | {fate.detail[:150]}"
            console.print(said, highlight=False, markup=False, soft_wrap=True)


def write_survivors(path: Path, suite: str, tasks: Sequence[Task], fates: Sequence[Fate]) -> None:
    """Append the survivors of ours as differences from their references."""
    known = {task.id: task for task in tasks}
    with path.open("a", encoding="utf-8") as file:
        for fate in (f for f in fates if f.standing == "survived"):
            task = known[fate.task_id]
            right = extract_module(task.reference, task.header, task.top).splitlines()
            changed = fate.mutant.code.splitlines()
            lines = difflib.unified_diff(right, changed, "reference", "mutant", lineterm="", n=40)
            head = f"## {suite} {task.id} {fate.mutant.kind} (theirs: {fate.theirs}, formal: {fate.formal})"
            file.write(f"{head}\n{fate.detail}\n```diff\n" + "\n".join(lines) + "\n```\n\n")


def main() -> None:
    """Measure both suites."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--per-reference", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=int, default=1, help="one reference in so many")
    parser.add_argument("--suite", choices=PUBLISHED, action="append")
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--formal-cpu", type=float, default=5.0, help="seconds that Yosys may take for one mutant")
    parser.add_argument("--survivors", type=Path)
    options = parser.parse_args()
    console = Console(width=180)
    for suite in options.suite or SUITES:
        started = time.perf_counter()
        tasks = load_published(suite, options.data)[:: options.every]
        drawn = draw(tasks, options.per_reference, options.seed, console)
        settings = VerifySettings(workers=options.workers, formal_cpu=options.formal_cpu)
        fates = measure(tasks, drawn, settings, formal=True, theirs=True)
        show(suite, fates, time.perf_counter() - started, console)
        if options.survivors:
            write_survivors(options.survivors, suite, tasks, fates)


if __name__ == "__main__":
    main()
