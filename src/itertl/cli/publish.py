"""`itertl export RUN DIR` and `itertl push RUN NAME`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

console = Console()

Run = Annotated[Path, typer.Argument(metavar="RUN", help="run directory")]
What = Annotated[
    str, typer.Option(help="adapters, merged, gguf or samples; by default adapters where there are some, else merged")
]
Iteration = Annotated[str, typer.Option(help="its number, or best: the one that dev chose; of samples, all")]
Licence = Annotated[str, typer.Option(help="of the weights or samples, for the card: an identifier such as apache-2.0")]
Converter = Annotated[
    Path | None, typer.Option(help="llama.cpp's convert_hf_to_gguf.py or its folder; else the variable LLAMA_CPP")
]


def export(
    run: Run,
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="folder to write: new, empty, or an earlier export")],
    what: What = "",
    iteration: Iteration = "best",
    licence: Licence = "",
    converter: Converter = None,
) -> None:
    """Write a run's policy, or its judged samples, as a folder that other tools open, with a card."""
    from itertl.commands.publish import export_run
    from itertl.publish import Wanted

    export_run(run, directory, Wanted(what, iteration, licence, converter), console)


def push(
    run: Run,
    name: Annotated[str, typer.Argument(metavar="NAME", help="repository of the hub: OWNER/NAME")],
    what: What = "",
    iteration: Iteration = "best",
    licence: Licence = "",
    converter: Converter = None,
    private: Annotated[bool, typer.Option("--private", help="a new repository can be seen by its owner alone")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="write and list the folder, upload nothing")] = False,
    out: Annotated[Path | None, typer.Option(help="folder of --dry-run; the last part of NAME by default")] = None,
) -> None:
    """Upload a run's policy, or its judged samples, to the Hugging Face hub, with a card."""
    from itertl.commands.publish import push_run
    from itertl.publish import Wanted

    folder = (out or Path(name.rpartition("/")[2] or name)) if dry_run else None
    push_run(run, name, Wanted(what, iteration, licence, converter), private, folder, console)
