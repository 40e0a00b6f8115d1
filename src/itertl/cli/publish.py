"""`itertl export RUN DIR` and `itertl push RUN NAME`."""

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

if TYPE_CHECKING:
    from itertl.publish import Wanted

console = Console()

Run = Annotated[Path, typer.Argument(metavar="RUN", help="run directory")]


def _wanted(
    what: Annotated[
        str,
        typer.Option(help="adapters, merged, gguf or samples; by default adapters where there are some, else merged"),
    ] = "",
    iteration: Annotated[
        str, typer.Option(help="its number, or best: the one that dev chose; of samples, all")
    ] = "best",
    licence: Annotated[
        str, typer.Option(help="of the weights or samples, for the card: an identifier such as apache-2.0")
    ] = "",
    converter: Annotated[
        Path | None, typer.Option(help="llama.cpp's convert_hf_to_gguf.py or its folder; else the variable LLAMA_CPP")
    ] = None,
) -> "Wanted":
    from itertl.publish import Wanted

    return Wanted(what, iteration, licence, converter)


def _publishing(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command with the options that say what of a run is published, which it gets together as `wanted`."""
    shared = inspect.signature(_wanted).parameters

    @functools.wraps(command)
    def called(**given: Any) -> None:
        command(wanted=_wanted(**{name: given.pop(name) for name in shared}), **given)

    own = [p for p in inspect.signature(command).parameters.values() if p.name != "wanted"]
    first, rest = [p for p in own if p.default is p.empty], [p for p in own if p.default is not p.empty]
    both = [*first, *shared.values(), *rest]
    called.__signature__ = inspect.Signature(both)  # type: ignore[attr-defined]
    called.__annotations__ = {p.name: p.annotation for p in both}
    return called


@_publishing
def export(
    run: Run,
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="folder to write: new, empty, or an earlier export")],
    wanted: "Wanted",
) -> None:
    """Write a run's policy, or its judged samples, as a folder that other tools open, with a card."""
    from itertl.commands.publish import export_run

    export_run(run, directory, wanted, console)


@_publishing
def push(
    run: Run,
    name: Annotated[str, typer.Argument(metavar="NAME", help="repository of the hub: OWNER/NAME")],
    wanted: "Wanted",
    private: Annotated[bool, typer.Option("--private", help="a new repository can be seen by its owner alone")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="write and list the folder, upload nothing")] = False,
    out: Annotated[Path | None, typer.Option(help="folder of --dry-run; the last part of NAME by default")] = None,
) -> None:
    """Upload a run's policy, or its judged samples, to the Hugging Face hub, with a card."""
    from itertl.commands.publish import push_run

    folder = (out or Path(name.rpartition("/")[2] or name)) if dry_run else None
    push_run(run, name, wanted, private, folder, console)
