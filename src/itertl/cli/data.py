"""`itertl data`: what a training file holds, which rows are fit to train on, and other formats turned into ours.

itertl data stats rows.jsonl        itertl data filter rows.jsonl --out fit.jsonl        itertl data convert ...
"""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

data_app = typer.Typer(no_args_is_help=True, help="Training rows: statistics, filters, conversion.")
console = Console()

Rows = Annotated[Path, typer.Argument(metavar="ROWS", help="JSONL of training rows, ours or RTLCoder's")]
Out = Annotated[Path, typer.Option(help="JSONL to write, in our format")]


@data_app.command()
def stats(
    rows: Rows,
    near: Annotated[float, typer.Option(min=0, help="similarity from which rows are near duplicates")] = 0.9,
) -> None:
    """Show how many rows there are, how long, how many repeat one another and how many elaborate alone."""
    from itertl.commands.data import show_stats

    show_stats(rows, near, console)


@data_app.command("filter")
def filter_(
    rows: Rows,
    out: Out,
    dropped: Annotated[Path | None, typer.Option(help="JSONL of the dropped rows, each with its reason")] = None,
    self_contained: Annotated[bool, typer.Option(help="the reference must elaborate alone")] = True,
    verified: Annotated[bool, typer.Option(help="the reference must pass its own verification")] = True,
    exercised: Annotated[bool, typer.Option("--exercised", help="stimuli must reach all of the reference")] = False,
    near: Annotated[
        float, typer.Option(min=0, help="similarity of near duplicates; above 1: equal designs only")
    ] = 0.9,
    longest: Annotated[int, typer.Option(min=0, help="words of the instruction + tokens of the code; 0: any")] = 0,
) -> None:
    """Keep the rows that are fit to train on; every dropped one is counted, and written with its reason."""
    from itertl.commands.data import filter_rows
    from itertl.tasks.filters import Filters

    filters = Filters(self_contained, verified, longest, near, drop_duplicates=True, exercised=exercised)
    filter_rows(rows, out, dropped, filters, console)


@data_app.command()
def convert(
    source: Annotated[str, typer.Argument(help="suite, JSONL, or Hugging Face dataset (directory, file or name)")],
    out: Out,
    columns: Annotated[
        list[str] | None, typer.Option("--column", help="ours=theirs, such as instruction=prompt; may be repeated")
    ] = None,
    split: Annotated[str, typer.Option(help="split of a Hugging Face dataset")] = "train",
) -> None:
    """Write tasks in our format from RTLCoder's rows, a suite such as VerilogEval, or a Hugging Face dataset."""
    from itertl.commands.data import convert_rows

    convert_rows(source, out, columns or [], split, console)
