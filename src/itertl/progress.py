"""Progress of long jobs, told to whoever listens: bars in a terminal, a line every ten seconds elsewhere.

    with progress("sampling", 400, unit="samples") as advance:
        advance.found(80)                            done by an earlier, interrupted call
        for batch in batches:
            ...
            advance(len(batch), tokens=900)

    sampling: 130/400, 2.1 samples/s, 212 tokens/s, 45 s so far, about 4 min 10 s left

A job prints nothing: `listening(...)` says who hears of it in place of the bars or lines, which go to standard error,
so that a command's own output can be piped.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TaskID, TextColumn
from rich.text import Text

from itertl.pace import Pace

LINE_SECONDS = 10.0
SECONDS = "s"  # unit of a job that waits: its count is the time, of which nothing else is told

console = Console(stderr=True)
clock = time.monotonic


@dataclass(frozen=True, eq=False)
class Job:
    """What is under way: in which words, what its units are called ("" where they have no name), and its pace."""

    description: str
    unit: str
    pace: Pace


class Listener(Protocol):
    """What hears of jobs, in the thread that does them."""

    def began(self, job: Job) -> None:
        """Hear of a job that begins."""

    def told(self, job: Job) -> None:
        """Hear that something of the job is done, or that its total is known."""

    def ended(self, job: Job) -> None:
        """Hear that the job is over, finished or broken off."""


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
    """Rates, elapsed time and time left, each with its name."""

    def render(self, task: Task) -> Text:
        job: Job = task.fields["job"]
        return Text(", ".join(_facts(job)) or job.unit, style="progress.remaining")


@dataclass
class Bars:
    """A bar for each job, in one display that nested jobs share."""

    display: Progress | None = None
    bars: dict[Job, TaskID] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)  # jobs of several threads share the display

    def began(self, job: Job) -> None:
        """Show a bar."""
        with self.lock:
            if self.display is None:
                columns = (TextColumn("{task.description}"), BarColumn(bar_width=30), MofNCompleteColumn(), _Speed())
                self.display = Progress(*columns, console=console, transient=True)
                self.display.start()
            self.bars[job] = self.display.add_task(job.description, total=job.pace.total, job=job)

    def told(self, job: Job) -> None:
        """Move the bar."""
        with self.lock:
            if self.display is not None:
                self.display.update(self.bars[job], completed=job.pace.done, total=job.pace.total)

    def ended(self, job: Job) -> None:
        """Take the bar away, and the display with the last one."""
        with self.lock:
            if self.display is None:
                return
            self.display.remove_task(self.bars.pop(job))
            if not self.bars:
                self.display.stop()
                self.display = None


@dataclass
class Lines:
    """A line for each job now and then."""

    printed: dict[Job, float] = field(default_factory=dict)

    def began(self, job: Job) -> None:
        """Begin to count the seconds; of a wait there is a line at once."""
        self.printed[job] = -LINE_SECONDS if job.unit == SECONDS else job.pace.elapsed

    def told(self, job: Job) -> None:
        """Print a line if the last one is old enough, and the job not done."""
        now, pace = job.pace.elapsed, job.pace
        if now - self.printed[job] < LINE_SECONDS or pace.done == pace.total:
            return
        self.printed[job] = now
        count = f"{pace.done}" if pace.total is None else f"{pace.done}/{pace.total}"
        said = f", {pace.done} s of {pace.total}" if job.unit == SECONDS else f": {count}"
        console.print(", ".join([f"{job.description}{said}", *_facts(job)]), highlight=False, soft_wrap=True)

    def ended(self, job: Job) -> None:
        """Forget the job."""
        self.printed.pop(job, None)


_bars, _lines = Bars(), Lines()
_listeners: list[Listener] = []  # who hears of jobs in place of these
_beside: list[Listener] = []  # who hears of them in any case


@contextmanager
def listening(*listeners: Listener) -> Iterator[None]:
    """Let `listeners` hear of the jobs inside the block, and nobody else: with none, jobs are silent."""
    before = list(_listeners)
    _listeners[:] = listeners or (Unheard(),)
    try:
        yield
    finally:
        _listeners[:] = before


@contextmanager
def overhearing(listener: Listener) -> Iterator[None]:
    """Let `listener` hear of the jobs inside the block, beside those who do so anyway."""
    _beside.append(listener)
    try:
        yield
    finally:
        _beside.remove(listener)


class Unheard:
    """Hears of jobs, and says nothing."""

    def began(self, job: Job) -> None:
        """Say nothing."""

    told = ended = began


@contextmanager
def progress(description: str, total: int | None, work: float | None = None, unit: str = "") -> Iterator[Advance]:
    """Tell of a job of `total` units (None: unknown) inside the block; yield what advances it.

    `work` is what all units cost together, in a unit of the caller's own, where they do not cost the same; `unit` what
    units are called, in the plural.
    """
    job = Job(description, unit, Pace(total, work, clock))
    heard = [*(_listeners or [_bars if console.is_terminal else _lines]), *_beside]
    for listener in heard:
        listener.began(job)

    def tell(pace: Pace) -> None:
        for listener in heard:
            listener.told(job)

    try:
        yield Advance(job.pace, tell)
    finally:
        for listener in heard:
            listener.ended(job)


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


def rates(units: float | None, unit: str, tokens: float | None) -> list[str]:
    """Return units (of slow ones the seconds each) and tokens per second in words, where they are known and named."""
    found = []
    if units and unit and unit != SECONDS:
        slow = units < 1.0
        found.append(
            f"{1 / units:.1f} s/{unit.removesuffix('s')}" if slow else f"{units:,.{int(units < 100)}f} {unit}/s"
        )
    return [*found, f"{tokens:,.0f} tokens/s"] if tokens is not None else found


def _facts(job: Job) -> list[str]:
    if job.unit == SECONDS:
        return []
    pace = job.pace
    left = pace.left()
    facts = [*rates(pace.rate(), job.unit, pace.speed()), f"{duration(pace.elapsed)} so far"]
    return facts if left is None else [*facts, f"about {duration(left)} left"]
