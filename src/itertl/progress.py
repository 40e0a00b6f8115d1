"""Live progress of long jobs: a bar with the time left per job in a terminal, a line every ten seconds elsewhere.

    with progress("sampling", total=400) as advance:
        for task in tasks:
            ...
            advance(1)

Bars go to standard error, so that a command's own output can be piped.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

LINE_SECONDS = 10.0
LEAST_SHARE = 0.02  # of a job, from which the time left can be told

console = Console(stderr=True)
_display: list[Progress] = []  # the one live display of the process; bars of nested jobs share it


@contextmanager
def progress(description: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Show the progress of a job of `total` units (None: unknown) inside the block; yield what advances it."""
    if not console.is_terminal:
        yield _line_printer(description, total)
        return
    owner = not _display
    if owner:
        _display.append(
            Progress(
                TextColumn("{task.description}"),
                BarColumn(bar_width=30),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TextColumn("left"),
                TimeRemainingColumn(),
                console=console,
                transient=True,
            )
        )
        _display[0].start()
    display = _display[0]
    bar = display.add_task(description, total=total)
    try:
        yield lambda units: display.advance(bar, units)
    finally:
        display.remove_task(bar)
        if owner:
            display.stop()
            _display.clear()


def _line_printer(description: str, total: int | None) -> Callable[[int], None]:
    started = time.monotonic()
    state = {"done": 0, "last": started}

    def advance(units: int) -> None:
        state["done"] += units
        now = time.monotonic()
        if now - state["last"] < LINE_SECONDS or state["done"] == total:
            return
        state["last"] = now
        line = f"{description}: {state['done']:.0f}"
        if total is not None:
            line += f"/{total}"
            if state["done"] >= LEAST_SHARE * total:
                left = (now - started) / max(1, state["done"]) * (total - state["done"])
                line += f", about {left:.0f} s left"
        console.print(line, highlight=False)

    return advance
