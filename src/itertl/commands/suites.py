"""`itertl suites list|fetch|defects|presets`: published suites, their known defects, settings of papers."""

from pathlib import Path

from rich.console import Console

from itertl.errors import UsageError
from itertl.suites.fetch import fetch
from itertl.suites.find import data_folder, data_place, find_published, find_suite
from itertl.suites.known_defects import known_defects
from itertl.suites.presets import PRESETS
from itertl.suites.published import PUBLISHED
from itertl.tables import print_table
from itertl.tables import table as new_table


def show_suites(data: Path | None, console: Console) -> None:
    """Print a line for each published suite."""
    table = new_table("suite", "known defects", "data", below=["data"])
    for name, suite in PUBLISHED.items():
        try:
            where = data_place(suite, data)
            there = str(where) if where.exists() else f"not at {where}"
        except UsageError:
            there = "no folder given"
        table.add_row(name, str(len(known_defects(name))), there)
    print_table(table, console)


def fetch_suite(suite: str, data: Path | None, console: Console) -> None:
    """Download what a suite is read from, unless it is there."""
    folder = fetch(find_suite(suite), data_folder(suite, data))
    console.print(f"{suite}: {folder}", highlight=False, markup=False, soft_wrap=True)


def show_defects(suite: str, console: Console) -> None:
    """Print the known defects of a suite."""
    table = new_table(
        "problem", "kind", "evidence", "source", "simulator", hidden=["simulator", "source"], prose=["evidence"]
    )
    defects = known_defects(find_published(suite).name)
    if not defects:
        console.print(f"{suite}: no defects known", highlight=False, markup=False)
        return
    for d in defects:
        table.add_row(d.id, d.kind.value, d.evidence, d.source, d.simulator)
    print_table(table, console)


def show_presets(console: Console) -> None:
    """Print the evaluation settings of papers, with their sources."""
    table = new_table(
        "preset", "n", "temperature", "top_p", "tokens", "prompts for", "source", below=["source", "prompts for"]
    )
    for name, preset in PRESETS.items():
        temperatures = ", ".join(f"{t:g}" for t in preset.temperatures)
        cells = [str(preset.samples), temperatures, f"{preset.top_p:g}", str(preset.max_new_tokens)]
        table.add_row(name, *cells, ", ".join(preset.prompts) or "as the model's", preset.source)
    print_table(table, console)
