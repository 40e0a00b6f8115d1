"""`itertl suites`: the published suites, what is wrong with them, and what their benches are worth on this machine.

itertl suites fetch rtllm-v2 --data DIR        itertl suites defects rtllm-v2        itertl suites selftest rtllm-v2
"""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from itertl.cli.continuing import continues

suites_app = typer.Typer(no_args_is_help=True, help="Published suites: download, defects, self-test.")
console = Console()

Suite = Annotated[str, typer.Argument(metavar="SUITE", help="such as verilogeval-v1-human or rtllm-v2")]
Data = Annotated[Path | None, typer.Option(help="folder of published suites; else ITERTL_DATA")]


@suites_app.command("list")
def list_(data: Data = None) -> None:
    """List the published suites, and whether their data is there."""
    from itertl.commands.suites import show_suites

    show_suites(data, console)


@suites_app.command()
def presets() -> None:
    """List the evaluation settings of papers that `itertl eval --preset` knows, each with its source."""
    from itertl.commands.suites import show_presets

    show_presets(console)


@suites_app.command()
def fetch(suite: Suite, data: Data = None) -> None:
    """Download a suite from its publisher at a pinned commit, checked by a checksum."""
    from itertl.commands.suites import fetch_suite

    fetch_suite(suite, data, console)


@suites_app.command()
def defects(suite: Suite) -> None:
    """List the known defects of a suite with their evidence."""
    from itertl.commands.suites import show_defects

    show_defects(suite, console)


@suites_app.command()
@continues("--out")
def selftest(
    suite: Suite,
    data: Data = None,
    limit: Annotated[int | None, typer.Option(min=1, help="at most so many problems")] = None,
    mutants: Annotated[int, typer.Option(min=0, help="of each reference, each with one defect; 0: none")] = 10,
    out: Annotated[
        Path | None, typer.Option(help="JSONL: a row for each problem and design; the same command continues it")
    ] = None,
) -> None:
    """Run references, stubs and mutants under the suite's bench, and compare what fails with the known defects."""
    from itertl.commands.selftest import Asked, run_selftest

    run_selftest(suite, data, Asked(limit, mutants, out), console)
