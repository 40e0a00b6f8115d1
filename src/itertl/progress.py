"""Live progress of long jobs: a bar with speed and time left per job in a terminal, a line every ten seconds elsewhere.

    with progress("sampling", 400) as advance:
        advance.found(80)                            done by an earlier, interrupted call
        for batch in batches:
            ...
            advance(len(batch), tokens=900)

    sampling: 130/400, 212 tokens/s, 45 s so far, about 4 min 10 s left

Bars go to standard error, so that a command's own output can be piped.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn
from rich.text import Text

from itertl.pace import Pace

LINE_SECONDS = 10.0

console = Console(stderr=True)
clock = time.monotonic
_display: list[Progress] = []  # the one live display of the process; bars of nested jobs share it


@dataclass(frozen=True)
class Advance:
    """What a job tells of itself, and `show` is called with whenever it does."""

    pace: Pace
    show: Callable[[Pace], None]

    def __call__(self, units: int, *, tokens: int = 0, work: float | None = None) -> None:
        """Tell of `units` that are finished: their tokens, and their work where units do not cost the same."""
        self.pace.note(units, tokens, work)
        self.show(self.pace)

    def found(self, units: int, work: float | None = None) -> None:
        """Tell of units that an earlier call has finished."""
        self.pace.found(units, work)
        self.show(self.pace)

    def expect(self, total: int, work: float | None = None) -> None:
        """Tell how many units there are in all, and of what work, once that is known."""
        self.pace.total, self.pace.work = total, work
        self.show(self.pace)


class _Speed(ProgressColumn):
    """Tokens per second, elapsed time and time left, each with its name."""

    def render(self, task: Task) -> Text:
        pace: Pace = task.fields["pace"]
        return Text(", ".join(_facts(pace)), style="progress.remaining")


@contextmanager
def progress(description: str, total: int | None, work: float | None = None) -> Iterator[Advance]:
    """Show the progress of a job of `total` units (None: unknown) inside the block; yield what advances it.

    `work` is what all units cost together, in a unit of the caller's own, where they do not cost the same.
    """
    pace = Pace(total, work, clock)
    if not console.is_terminal:
        yield Advance(pace, _line_printer(description, pace))
        return
    owner = not _display
    if owner:
        columns = (TextColumn("{task.description}"), BarColumn(bar_width=30), MofNCompleteColumn(), _Speed())
        _display.append(Progress(*columns, console=console, transient=True))
        _display[0].start()
    display = _display[0]
    bar = display.add_task(description, total=total, pace=pace)
    try:
        yield Advance(pace, lambda pace: display.update(bar, completed=pace.done, total=pace.total))
    finally:
        display.remove_task(bar)
        if owner:
            display.stop()
            _display.clear()


@contextmanager
def silent(total: int | None, work: float | None = None) -> Iterator[Advance]:
    """Tell nobody of a job."""
    yield Advance(Pace(total, work), lambda pace: None)


def duration(seconds: float) -> str:
    """Return a time as people say it: 45 s, 4 min 10 s, 2 h 05 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def _facts(pace: Pace) -> list[str]:
    speed, left = pace.speed(), pace.left()
    facts = [] if speed is None else [f"{speed:.0f} tokens/s"]
    facts.append(f"{duration(pace.elapsed)} so far")
    return facts if left is None else [*facts, f"about {duration(left)} left"]


def _line_printer(description: str, pace: Pace) -> Callable[[Pace], None]:
    printed = [pace.elapsed]

    def show(pace: Pace) -> None:
        now = pace.elapsed
        if now - printed[0] < LINE_SECONDS or pace.done == pace.total:
            return
        printed[0] = now
        count = f"{pace.done}" if pace.total is None else f"{pace.done}/{pace.total}"
        console.print(", ".join([f"{description}: {count}", *_facts(pace)]), highlight=False)

    return show
