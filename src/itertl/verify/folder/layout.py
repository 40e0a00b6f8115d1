"""The folder that machines share: its files, and the moves by which a batch changes hands.

FOLDER/
  order.json                     the tools that the driver judges with, and how long a silent worker is waited for
  todo/NUMBER-0.jsonl            a batch that nobody holds; behind the dash, how many workers died holding it
  held/WORKER/NUMBER-0.jsonl     the same, taken by an atomic rename
  done/NUMBER.jsonl              its verdicts
  workers/WORKER.json, .beat     host, process, tools, sandbox; a number that counts up while the worker lives
  over                           there is nothing more to come

Files appear whole, by rename. Whether a worker lives is told by its beat, as each observer sees it change on a clock
of its own: the clocks of machines are never compared. Numbers grow from the milliseconds at which a driver begins, so
that what a worker of an earlier driver delivers late is never taken for something else.
"""

import dataclasses
import random
import time
from collections.abc import Iterator
from pathlib import Path

from itertl.disk.artefacts import disk_faults, write_text
from itertl.records import Record

SUFFIX = ".jsonl"
DEATHS = 3  # of workers that held one batch, after which nobody takes it any more
STALE = 60.0  # seconds without a beat, after which a worker counts as dead
BEATS = 6  # in the time after which a worker counts as dead
_AMONG = 16  # batches among which a worker chooses: not all machines reach for the same one


@dataclasses.dataclass(frozen=True, slots=True)
class Terms(Record):
    """What all workers of a folder have to agree to.

    `tools` are versions by name, `host` is where the driver found them; `any_tools` lets workers have others. `sandbox`
    is the mode; `stale` are seconds without a beat that a worker may be silent.
    """

    id: str
    tools: dict[str, str]
    host: str
    any_tools: bool = False
    sandbox: str = "auto"
    stale: float = STALE


@dataclasses.dataclass(frozen=True, slots=True)
class Present(Record):
    """A worker, as it introduces itself."""

    name: str
    host: str
    process: int
    processes: int
    tools: dict[str, str]
    sandbox: str


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """The folder, with the moves that anybody makes in it."""

    root: Path

    @property
    def order(self) -> Path:
        """The terms."""
        return self.root / "order.json"

    @property
    def todo(self) -> Path:
        """Batches that nobody holds."""
        return self.root / "todo"

    @property
    def done(self) -> Path:
        """Verdicts."""
        return self.root / "done"

    @property
    def over(self) -> Path:
        """The sign that nothing more is to come."""
        return self.root / "over"

    def held(self, worker: str = "") -> Path:
        """Where the batches of a worker lie, or of all of them."""
        return self.root / "held" / worker

    def present(self, worker: str) -> Path:
        """How a worker introduces itself."""
        return self.root / "workers" / f"{worker}.json"

    def make(self) -> None:
        """Make the folders that are not there."""
        with disk_faults(self.root):
            for folder in (self.todo, self.done, self.held(), self.root / "workers"):
                folder.mkdir(parents=True, exist_ok=True)

    def clear(self) -> None:
        """Remove all batches and verdicts; what is known of the workers stays."""
        for path in [*self.batches(), *self.verdicts()]:
            path.unlink(missing_ok=True)

    def offer(self, number: int, text: str) -> None:
        """Put a batch where workers find it."""
        write_text(self.todo / f"{number:013d}-0{SUFFIX}", text)

    def take(self, worker: str) -> Path | None:
        """Take one of the first batches and return where it lies now; None where there is none to be had."""
        names = [name for name in _names(self.todo) if deaths(name) < DEATHS][:_AMONG]
        for name in random.sample(names, len(names)):
            mine = self.held(worker) / name
            try:
                (self.todo / name).rename(mine)
            except FileNotFoundError:
                if not mine.exists():  # an NFS client may have repeated a rename that had been done
                    continue
            return mine
        return None

    def deliver(self, batch: Path, text: str) -> None:
        """Put the verdicts on a batch where the driver finds them, and let the batch go."""
        finished = batch.with_suffix(".verdicts")
        write_text(finished, text)
        with disk_faults(self.done):
            finished.replace(self.done / f"{number_of(batch.name):013d}{SUFFIX}")
            batch.unlink(missing_ok=True)

    def delivered(self, batch: Path) -> bool:
        """True if somebody has judged a batch already."""
        return (self.done / f"{number_of(batch.name):013d}{SUFFIX}").exists()

    def give_back(self, worker: str, died: bool = False) -> int:
        """Put back what a worker holds, with one more death where it `died` of it; return the number of batches."""
        count = 0
        for name in _names(self.held(worker)):
            back = f"{number_of(name):013d}-{deaths(name) + died}{SUFFIX}"
            try:
                (self.held(worker) / name).rename(self.todo / back)
            except FileNotFoundError:  # somebody else was faster
                continue
            count += 1
        return count

    def holders(self) -> Iterator[str]:
        """Yield the workers that hold a batch."""
        for name in _entries(self.held()):
            if _names(self.held(name)):
                yield name

    def batches(self) -> Iterator[Path]:
        """Yield the batches that are offered or held."""
        for folder in (self.todo, *(self.held(name) for name in _entries(self.held()))):
            yield from (folder / name for name in _names(folder))

    def verdicts(self) -> list[Path]:
        """Return the verdicts that have been delivered."""
        return [self.done / name for name in _names(self.done)]

    def given_up(self) -> list[Path]:
        """Return the batches that nobody takes any more."""
        return [self.todo / name for name in _names(self.todo) if deaths(name) >= DEATHS]

    def beat(self, worker: str, count: int) -> None:
        """Show that a worker lives. Written in place: whatever a reader sees of it differs from the beat before."""
        with disk_faults(self.root):
            self.present(worker).with_suffix(".beat").write_text(f"{count}\n")

    def heard(self, worker: str) -> str:
        """Return the last beat of a worker, "" where there is none."""
        try:
            return self.present(worker).with_suffix(".beat").read_text()
        except OSError:
            return ""


class Watch:
    """Who has been silent for too long, by the clock of the one who watches."""

    def __init__(self, place: Place, stale: float) -> None:
        """Count workers that show no beat for `stale` seconds as dead."""
        self._place, self._stale = place, stale
        self._seen: dict[str, tuple[str, float]] = {}
        self._looked = time.monotonic()

    def give_back(self) -> dict[str, int]:
        """Give back what the dead held; return how many batches of whom. Looks now and then only."""
        now = time.monotonic()
        if now - self._looked < self._stale / BEATS:
            return {}
        self._looked = now
        found: dict[str, int] = {}
        for worker in self._place.holders():
            beat = self._place.heard(worker)
            last, since = self._seen.get(worker, ("", now))
            if worker not in self._seen or beat != last:
                self._seen[worker] = beat, now
            elif now - since > self._stale and (count := self._place.give_back(worker, died=True)):
                found[worker] = count
        return found


def number_of(name: str) -> int:
    """Return the number of a batch."""
    return int(name.partition(".")[0].partition("-")[0])


def deaths(name: str) -> int:
    """Return how many workers died holding a batch."""
    return int(name.partition(".")[0].partition("-")[2] or 0)


def _entries(folder: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _names(folder: Path) -> list[str]:
    return [name for name in _entries(folder) if name.endswith(SUFFIX)]
