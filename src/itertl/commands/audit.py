"""`itertl audit`: which training rows hold problems of published suites."""

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from rich.console import Console
from rich.table import Table

from itertl.commands.outputs import ROWS, check_output
from itertl.config import Config, EvaluationConfig
from itertl.disk.artefacts import disk_faults
from itertl.disk.rows import write_rows
from itertl.progress import progress
from itertl.records import Task
from itertl.suites.find import FILE
from itertl.suites.load import load_suite
from itertl.tables import print_table
from itertl.tables import table as new_table
from itertl.tasks.contamination import Pair, audit_all, too_similar
from itertl.tasks.files import read_tasks
from itertl.words import counted

MOST_PAIRS = 20  # of a suite, the most similar first
AT_ONCE = 500  # rows between two words of progress


def audit_rows(
    rows: Path,
    suites: Sequence[str],
    data: Path | None,
    out: Path | None,
    threshold: float,
    allowed: list[str],
    console: Console,
) -> int:
    """Print the most similar pairs, write all to `out`; return 1 where one is a copy that is not allowed, else 0."""
    check_output(out, ROWS, (rows, *(Path(suite.removeprefix(FILE)) for suite in suites)))
    problems = [read_problems(suite, data) for suite in suites]
    training = read_tasks(rows)
    found = audit_all(training, problems, told=_told)
    if out:
        with disk_faults(out):
            write_rows(out, chain.from_iterable(found))
    copied = False
    for suite, asked, pairs in zip(suites, problems, found, strict=True):
        copies = too_similar(pairs, threshold, allowed)
        copied = copied or bool(copies)
        if pairs:
            print_table(pair_table(pairs[:MOST_PAIRS]), console)
        held, holding = ({getattr(p, what) for p in copies} for what in ("problem", "row"))
        console.print(
            f"{counted(len(training), 'rows')} against {counted(len(asked), 'problems')} of {suite}: "
            f"{counted(len(holding), 'rows hold', 'row holds')} {counted(len(held), 'problems')} "
            f"(similarity of at least {threshold:g}, not allowed by name); "
            f"{counted(len(pairs), 'pairs')} reported",
            highlight=False,
        )
    return int(copied)


def _told(rows: Sequence[Task]) -> Iterator[Task]:
    """Yield the rows, and tell how far they are."""
    with progress("audit", len(rows), unit="rows") as advance:
        for start in range(0, len(rows), AT_ONCE):
            some = rows[start : start + AT_ONCE]
            yield from some
            advance(len(some))


def read_problems(suite: str, data: Path | None = None) -> list[Task]:
    """Return the problems of a suite by its name or directory, or the tasks of a JSONL file."""
    if Path(suite).is_file():
        return read_tasks(Path(suite))
    return load_suite(suite, Config(evaluation=EvaluationConfig(data=data)))


def pair_table(pairs: list[Pair]) -> Table:
    """Return pairs with both similarities."""
    table = new_table(
        "training row", "problem", "instruction", "code", title="most similar pairs", title_justify="left"
    )
    for pair in pairs:
        table.add_row(pair.row, pair.problem, f"{pair.instruction:.0%}", f"{pair.code:.0%}")
    return table
