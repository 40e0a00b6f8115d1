"""`itertl suites`: published suites, their known defects, and the self-test of their benches."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from itertl.artefacts import disk_faults
from itertl.errors import UsageError
from itertl.evaluation.fetch import fetch
from itertl.evaluation.known_defects import Kind, known_defects
from itertl.evaluation.presets import PRESETS
from itertl.evaluation.selftest import GOLDEN, STUBS, Checked, found_defects, selftest
from itertl.evaluation.suites import PUBLISHED, data_folder, load_published
from itertl.records import Outcome, write_rows
from itertl.verify import tool_versions

SHOWN_BY_SELFTEST = {Kind.GOLDEN_FAILS, Kind.NO_STRICT, Kind.STUB_PASSES}


def show_suites(data: Path | None, console: Console) -> None:
    """Print a line for each published suite."""
    table = Table("suite", "known defects", "data")
    for name, (folder, _) in PUBLISHED.items():
        try:
            where = data_folder(name, data) / folder
            there = str(where) if where.exists() else f"not at {where}"
        except UsageError:
            there = "no folder given"
        table.add_row(name, str(len(known_defects(name))), there)
    console.print(table)


def fetch_suite(suite: str, data: Path | None, console: Console) -> None:
    """Download what a suite is read from, unless it is there."""
    folder = fetch(suite, data_folder(suite, data))
    console.print(f"{suite}: {folder}", highlight=False, markup=False, soft_wrap=True)


def show_defects(suite: str, console: Console) -> None:
    """Print the known defects of a suite."""
    _check(suite)
    table = Table("problem", "kind", "evidence", "source", "simulator")
    for d in known_defects(suite):
        table.add_row(d.id, d.kind.value, d.evidence, d.source, d.simulator)
    console.print(table)


def run_selftest(suite: str, data: Path | None, limit: int | None, out: Path | None, console: Console) -> None:
    """Print how goldens and stubs fare, and where that differs from the known defects."""
    _check(suite)
    tasks = load_published(suite, data_folder(suite, data))[:limit]
    rows = list(selftest(tasks))
    if out is not None:
        with disk_faults(out):
            write_rows(out, rows)
    console.print(summary(suite, rows))
    found = found_defects(rows)
    problems = {task.id for task in tasks}
    listed = {(d.id, d.kind) for d in known_defects(suite) if d.kind in SHOWN_BY_SELFTEST and d.id in problems}
    for title, pairs in (("found, not listed", found - listed), ("listed, not found", listed - found)):
        for problem, kind in sorted(pairs):
            console.print(f"{title}: {problem} {kind.value}", style="yellow", highlight=False)
    version = tool_versions()["iverilog"]
    console.print(f"{len(found & listed)} of {len(listed)} known defects found with Icarus Verilog {version}")


def summary(suite: str, rows: Sequence[Checked]) -> Table:
    """Return how many of each design pass, by both rules, and which wrong ones do."""
    title = f"{suite}: {len({r.task_id for r in rows})} problems"
    table = Table("design", "number", "official", "strict", "passes strictly and is wrong", title=title)
    for design in (GOLDEN, *STUBS):
        some = [r for r in rows if r.design == design]
        wrong = [r.task_id for r in some if r.strict is Outcome.PASSED and not r.right]
        passed = [sum(getattr(r, rule) is Outcome.PASSED for r in some) for rule in ("official", "strict")]
        table.add_row(design, str(len(some)), *map(str, passed), ", ".join(wrong))
    return table


def _check(suite: str) -> None:
    if suite not in PUBLISHED:
        raise UsageError(f"there is no published suite {suite!r}; known are {', '.join(PUBLISHED)}")


def show_presets(console: Console) -> None:
    """Print the evaluation settings of papers, with their sources."""
    table = Table("preset", "n", "temperature", "top_p", "tokens", "prompts for", "source")
    for name, preset in PRESETS.items():
        temperatures = ", ".join(f"{t:g}" for t in preset.temperatures)
        cells = [str(preset.samples), temperatures, f"{preset.top_p:g}", str(preset.max_new_tokens)]
        table.add_row(name, *cells, ", ".join(preset.prompts) or "as the model's", preset.source)
    console.print(table)
