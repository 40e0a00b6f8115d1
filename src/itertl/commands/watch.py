"""`itertl watch`: a run as its files show it, until it ends."""

from contextlib import suppress
from pathlib import Path

from rich.console import Console

from itertl.live import Look, follow


def watch_run(directory: Path, once: bool, console: Console) -> None:
    """Show a run until it ends, or the reader has seen enough; raise UsageError where there is none.

    `once` shows how it stands at this moment.
    """
    with suppress(KeyboardInterrupt):
        follow(Look(directory), console, once=once)
