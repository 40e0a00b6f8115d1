"""A sign of life beside a run's results: which process works there, and how far its jobs are, once a second.

    with beating(root, store.event): ...          in the run
    read_pulse(root)  ->  Pulse | None            from anywhere; None where no process works, or none that is known

The file is replaced as a whole, and removed when the process ends by itself. What is left behind belongs to a process
that was killed: `Pulse.alive` tells.
"""

import dataclasses
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from itertl.disk.names import PULSE
from itertl.disk.sides import is_aside
from itertl.progress import Job

BEAT_SECONDS = 1.0
SILENT_SECONDS = 60.0  # without a beat, after which a process on another machine counts as gone

Event = Callable[..., None]


@dataclasses.dataclass(frozen=True, slots=True)
class Told:
    """How far a job is: units that are done (of `total`, None: unknown), units and tokens a second, seconds left."""

    description: str
    unit: str
    done: int
    total: int | None
    rate: float | None
    tokens: float | None
    elapsed: float
    left: float | None
    aside: bool = False  # of the side beside, see `itertl.disk.sides`

    @classmethod
    def of(cls, job: Job, aside: bool = False) -> "Told":
        """Return how far `job` is at this moment."""
        pace = job.pace
        return cls(
            job.description,
            job.unit,
            pace.done,
            pace.total,
            _rounded(pace.rate(), 3),
            _rounded(pace.speed(), 1),
            round(pace.elapsed, 1),
            _rounded(pace.left(), 1),
            aside,
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Pulse:
    """The process that works in a run directory, when it last beat (seconds since 1970), and its jobs."""

    time: float
    host: str
    pid: int
    created: float
    jobs: tuple[Told, ...] = ()

    @property
    def here(self) -> bool:
        """Whether the process is one of this machine."""
        return self.host == socket.gethostname()

    def alive(self, now: float) -> bool:
        """Return True if the process still works: asked for here, and judged by its last beat where it is elsewhere."""
        if not self.here:
            return abs(now - self.time) < SILENT_SECONDS
        try:
            process = psutil.Process(self.pid)
            return abs(process.create_time() - self.created) < 2.0 and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False


def read_pulse(root: Path) -> Pulse | None:
    """Return the last sign of life in a run directory, None where there is none that can be read."""
    try:
        values = json.loads((root / PULSE).read_text(encoding="utf-8"))
        return Pulse(**{**values, "jobs": tuple(Told(**job) for job in values["jobs"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def lives(root: Path) -> bool:
    """Return True if a process works in the run directory, as far as its files tell."""
    pulse = read_pulse(root)
    return pulse is not None and pulse.alive(time.time())


def this_process() -> tuple[str, int, float]:
    """Return host, process id and start (seconds since 1970) by which a pulse names the process that calls this."""
    return socket.gethostname(), os.getpid(), round(psutil.Process().create_time(), 2)


class Heart:
    """Hears of jobs, and writes them down while it beats; each finished one becomes an event."""

    def __init__(self, root: Path, event: Event) -> None:
        self._path, self._event = root / PULSE, event
        self._jobs: dict[Job, bool] = {}  # with whether it is beside
        self._self = this_process()
        self._lock = threading.Lock()

    def began(self, job: Job) -> None:
        """Take note of a job."""
        with self._lock:
            self._jobs[job] = is_aside()

    def told(self, job: Job) -> None:
        """Do nothing: the next beat tells."""

    def ended(self, job: Job) -> None:
        """Leave what the job did by itself among the events."""
        with self._lock:
            del self._jobs[job]
        mark, seconds = job.pace.marks[-1], round(job.pace.elapsed, 3)
        self._event(
            "job_end", job=job.description, unit=job.unit, units=mark.units, tokens=mark.tokens, seconds=seconds
        )

    def beat(self) -> None:
        """Replace the file; a disk that does not take it is no reason to end a run."""
        with self._lock:
            jobs = list(self._jobs.items())
        pulse = Pulse(round(time.time(), 2), *self._self, tuple(Told.of(*job) for job in jobs))
        partial = self._path.with_name(f"{PULSE}.{os.getpid()}")
        with suppress(OSError):
            partial.write_text(json.dumps(dataclasses.asdict(pulse)), encoding="utf-8")
            partial.replace(self._path)

    def stop(self) -> None:
        """Remove the file."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)


@contextmanager
def beating(root: Path, event: Event) -> Iterator[Heart]:
    """Give signs of life in `root` while the block runs; the listener that is yielded has to hear of the jobs."""
    heart, over = Heart(root, event), threading.Event()

    def run() -> None:
        while not over.wait(BEAT_SECONDS):
            heart.beat()

    heart.beat()
    thread = threading.Thread(target=run, name="pulse", daemon=True)
    thread.start()
    try:
        yield heart
    finally:
        over.set()
        thread.join()
        heart.stop()


def _rounded(value: float | None, places: int) -> Any:
    return None if value is None else round(value, places)
