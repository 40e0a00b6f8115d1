"""How fast a job goes and what time it will still take: arithmetic of a clock, without any display.

    pace = Pace(400)
    pace.note(5, tokens=900)
    pace.left()                      seconds, None where nothing can be told

    left = work that is left / (work done recently / time it took) - time since something was finished last

Recently means the last half of the job, at least a minute: a job that slows down, or a machine that others use, too,
shows in the estimate, and a pause at the start goes out of it. `work` tells apart units that do not cost the same.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

WINDOW_SECONDS = 60.0  # over which a rate is taken at least
RECENT = 0.5  # share of the time so far over which it is taken in longer jobs
APART = (0.5, 0.005)  # seconds, and share of the time so far, that two marks are apart at least


@dataclass(frozen=True)
class Mark:
    """What a job had done by itself at a moment: `at` in seconds, units, their work, their tokens."""

    at: float
    units: int = 0
    work: float = 0.0
    tokens: int = 0


@dataclass
class Pace:
    """A job of `total` units (None: unknown), which are `work` together (None: each unit is 1)."""

    total: int | None
    work: float | None = None
    clock: Callable[[], float] = time.monotonic
    found_units: int = 0
    found_work: float = 0.0
    marks: list[Mark] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.marks.append(Mark(self.clock()))

    @property
    def done(self) -> int:
        """Units that are done, those that an earlier call has done included."""
        return self.found_units + self.marks[-1].units

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return self.clock() - self.marks[0].at

    def found(self, units: int, work: float | None = None) -> None:
        """Count what an earlier, interrupted call has done: it took none of this one's time."""
        self.found_units += units
        self.found_work += units if work is None else work

    def note(self, units: int, tokens: int = 0, work: float | None = None) -> None:
        """Count `units` that were finished just now, of `work` together."""
        last = self.marks[-1]
        more = units if work is None else work
        new = Mark(self.clock(), last.units + units, last.work + more, last.tokens + tokens)
        apart = max(APART[0], APART[1] * (new.at - self.marks[0].at))
        if len(self.marks) > 1 and new.at - self.marks[-2].at < apart:  # a million units need no million marks
            self.marks.pop()
        self.marks.append(new)

    def speed(self) -> float | None:
        """Return tokens per second, recently; None where no tokens were counted."""
        first, last = self._recent()
        if not last.tokens or last.at <= first.at:
            return None
        return (last.tokens - first.tokens) / (last.at - first.at)

    def rate(self) -> float | None:
        """Return units per second, recently; None before anything is done."""
        first, last = self._recent()
        if last.units <= first.units or last.at <= first.at:
            return None
        return (last.units - first.units) / (last.at - first.at)

    def left(self) -> float | None:
        """Return the seconds that the rest will take; None without a total, or before anything is done."""
        if self.total is None:
            return None
        first, last = self._recent()
        whole = self.total if self.work is None else self.work
        rest = whole - self.found_work - last.work
        if self.done >= self.total or rest <= 0:
            return 0.0
        if last.work <= first.work or last.at <= first.at:
            return None
        return max(0.0, rest * (last.at - first.at) / (last.work - first.work) - (self.clock() - last.at))

    def _recent(self) -> tuple[Mark, Mark]:
        """Return the marks between which rates are taken: the last one, and the latest one that is old enough."""
        last = self.marks[-1]
        since = last.at - max(WINDOW_SECONDS, RECENT * (last.at - self.marks[0].at))
        return next((mark for mark in reversed(self.marks[:-1]) if mark.at <= since), self.marks[0]), last
