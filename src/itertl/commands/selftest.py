"""`itertl suites selftest SUITE`: references, stubs and mutants under a suite's bench, beside the known defects."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from itertl import words
from itertl.disk.artefacts import Stream
from itertl.disk.claim import claim
from itertl.errors import UsageError
from itertl.evaluation.findings import Counts, Strength, counted, found_defects, not_judged, tool_errors
from itertl.evaluation.selftest import MUTANTS, REFERENCE, STUBS, Checked, selftest
from itertl.identity import digest
from itertl.outcome import Outcome
from itertl.records import Task
from itertl.suites.find import data_place, find_suite
from itertl.suites.known_defects import Kind, known_defects
from itertl.suites.load import brings_testbench
from itertl.suites.tool_range import version_warning
from itertl.tables import print_table
from itertl.tables import table as new_table
from itertl.tools.shop import tool_versions
from itertl.verify import VerifySettings
from itertl.verify.judge import stimuli_line
from itertl.verilog.mutations import KINDS

SHOWN_BY_SELFTEST = frozenset({Kind.REFERENCE_FAILS, Kind.NO_STRICT, Kind.STUB_PASSES, Kind.MUTANT_PASSES})


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """What the caller wants: at most how many problems, how many mutants of each, and where the rows go."""

    limit: int | None = None
    mutants: int = MUTANTS
    out: Path | None = None


def run_selftest(suite: str, data: Path | None, asked: Asked, console: Console) -> None:
    """Print how references, stubs and mutants fare, and where that differs from the known defects.

    With `asked.out` the rows are kept: the same command continues an interrupted file, and computes nothing again
    where it is complete. Raise UsageError where it belongs to another command.
    """
    known = find_suite(suite)
    tasks = known.tasks(data_place(known, data))[: asked.limit]
    if not brings_testbench(tasks):
        raise UsageError(f"{suite} has no testbenches that could be tested; its tasks are judged from their references")
    version = tool_versions()["iverilog"]
    if warning := version_warning(f"iverilog {version}"):
        console.print(f"warning: {warning}", style="yellow", highlight=False)
    rows = _rows(suite, tasks, asked, version)
    print_table(summary(suite, rows), console)
    if asked.mutants:
        show_mutants(rows, console)
    compare(known.name, {task.id for task in tasks}, rows, asked.mutants, console)
    if asked.out is not None:
        console.print(f"rows: {asked.out}", highlight=False, markup=False, soft_wrap=True)


def _rows(suite: str, tasks: Sequence[Task], asked: Asked, version: str) -> list[Checked]:
    settings = VerifySettings()
    if asked.out is None:
        return list(selftest(tasks, settings, asked.mutants))
    if asked.out.is_dir() or asked.out.suffix == ".gz":
        raise UsageError(f"--out {asked.out}: expected the name of a plain JSONL file")
    inputs = {
        "suite": suite,
        "problems": f"{len(tasks)}, digest {digest(*(task.to_json() for task in tasks))}",
        "mutants": asked.mutants,
        "designs": ", ".join((REFERENCE, *STUBS)),
        "stimuli": stimuli_line(settings),
        "tools": f"iverilog {version}",
    }
    with claim(asked.out, inputs):
        produce = Stream(asked.out, Checked, lambda done: selftest(tasks, settings, asked.mutants, done=done))
        return list(produce)


def summary(suite: str, rows: Sequence[Checked]) -> Table:
    """Return how many of each design pass, by both rules, and which wrong ones do."""
    title = f"{suite}: {words.counted(len({r.task_id for r in rows}), 'problems')}"
    table = new_table("design", "number", "official", "strict", "passes strictly and is wrong", title=title)
    for design in (REFERENCE, *STUBS):
        some = [r for r in rows if r.design == design]
        wrong = [r.task_id for r in some if r.strict is Outcome.PASSED and r.wrong]
        passed = [sum(getattr(r, rule) is Outcome.PASSED for r in some) for rule in ("official", "strict")]
        table.add_row(design, str(len(some)), *map(str, passed), ", ".join(wrong))
    return table


def show_mutants(rows: Sequence[Checked], console: Console) -> None:
    """Print how many mutants the bench kills, by kind, the problems with survivors, and what could not be counted."""
    table = new_table("mutants", "drawn", "killed, official", "killed, strict", "alike", "unclear")
    for kind in ("", *KINDS):
        if drawn := sum(1 for r in rows if r.kind and kind in ("", r.kind)):
            s = Strength.of(rows, kind)
            cells = (_share(s.official), _share(s.strict), str(s.alike), str(s.unclear))
            table.add_row(kind or "all", str(drawn), *cells)
    print_table(table, console)
    survivors = Strength.of(rows).survivors
    names = ", ".join(f"{problem} {len(some)}" for problem, some in survivors.items())
    said = (
        f"{words.counted(len(survivors), 'problems')} with survivors, and how many: {names}"
        if survivors
        else "no mutant survives"
    )
    console.print(said, highlight=False, markup=False, soft_wrap=True)
    for problem, reason in not_judged(rows).items():
        said = f"not judged, our verification does not run its reference: {problem}: {reason}"
        console.print(said, highlight=False, markup=False, soft_wrap=True)
    if bare := [problem for problem, some in counted(rows).items() if not some]:
        said = f"{words.counted(len(bare), 'problems')} without a mutant that counts: {', '.join(bare)}"
        console.print(said, highlight=False, markup=False, soft_wrap=True)
    if failed := tool_errors(rows):
        names = ", ".join(f"{r.task_id} {r.design}" for r in failed)
        said = f"{words.counted(len(failed), 'failures')} of a tool, mutants among them unclear: {names}"
        console.print(said, style="yellow", highlight=False, markup=False, soft_wrap=True)


def compare(suite: str, problems: set[str], rows: Sequence[Checked], mutants: int, console: Console) -> None:
    """Print where the rows differ from the known defects of these problems.

    Survivors among fewer mutants than the known defects were found with are compared one way only.
    """
    version, found = tool_versions()["iverilog"], found_defects(rows)
    shown = SHOWN_BY_SELFTEST - (set() if mutants >= MUTANTS else {Kind.MUTANT_PASSES})
    here = [d for d in known_defects(suite) if d.id in problems and d.holds(f"iverilog {version}")]
    listed = {(d.id, d.kind) for d in here if d.kind in SHOWN_BY_SELFTEST}
    expected = {(problem, kind) for problem, kind in listed if kind in shown}
    for problem, kind in sorted(found.keys() - listed):
        said = f"found, not listed: {problem} {kind.value}: {found[problem, kind]}"
        console.print(said, style="yellow", highlight=False, markup=False, soft_wrap=True)
    for problem, kind in sorted(expected - found.keys()):
        console.print(f"listed, not found: {problem} {kind.value}", style="yellow", highlight=False)
    number = len(found.keys() & expected)
    console.print(f"{number} of {len(expected)} known defects found with Icarus Verilog {version}", highlight=False)


def _share(pair: Counts) -> str:
    return f"{pair[0]}/{pair[1]}" + (f" {pair[0] / pair[1]:.1%}" if pair[1] else "")
