"""The driver of a shared folder: a pool whose processes are workers on any machine.

    with Folder(Shared(path), settings) as pool:      # where `verify` takes a pool
        pool.submit(job) ; pool.collect(None)
    end(Shared(path))                                 # the workers may go

Jobs are put together into batches; verdicts are collected as workers deliver them. What an earlier driver had asked
is found again, whether it is judged by now or not, so that nothing is lost with a driver that is killed.
"""

import contextlib
import dataclasses
import fcntl
import json
import logging
import platform
import threading
import time
from collections import Counter, deque
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from itertl.disk.artefacts import disk_faults, read_value, write_value
from itertl.errors import RunDirectoryError, ToolError
from itertl.identity import digest
from itertl.outcome import Outcome
from itertl.records import Verdict
from itertl.verify.folder.batch import awaited, batch_text, questions, read_batch, read_verdicts
from itertl.verify.folder.layout import STALE, Place, Present, Terms, Watch, deaths, number_of
from itertl.verify.folder.worker import DRIVER, Duty, difference, present_tools, work
from itertl.verify.judged import Judged
from itertl.verify.settings import VerifySettings
from itertl.verify.workers.worker import Job
from itertl.words import counted

IN_FLIGHT = 1 << 16  # designs that are asked ahead of the verdicts handed out
SIZE = 64  # designs in a batch
_KEPT = 2 * IN_FLIGHT  # designs asked later, after which the verdicts of a batch have been written down elsewhere
_PAUSE = 0.1  # seconds between two looks at what is done
_NOBODY = 20.0  # seconds after which it is said that no worker has come

log = logging.getLogger("itertl")


@dataclasses.dataclass(frozen=True, slots=True)
class Shared:
    """How a folder is used: whether this process `works` along, whether workers may have other tools than it.

    `stale` are the seconds of silence after which a worker counts as dead.
    """

    root: Path
    works: bool = True
    any_tools: bool = False
    stale: float = STALE


class Folder:
    """A pool of all workers of a folder, as `workers.stream.Judges` has it; `judged` counts designs by worker."""

    def __init__(self, shared: Shared, settings: VerifySettings) -> None:
        """Touch nothing yet."""
        self._shared, self._settings = shared, settings
        self._place = Place(shared.root)
        self._watch = Watch(self._place, shared.stale)
        self._terms = _terms(shared, settings)
        self._pack: list[Job] = []
        self._number = 0  # of the next batch
        self._known: dict[str, Judged[Verdict]] = {}  # answers to what an earlier driver had asked
        self._offered: set[str] = set()  # questions in batches of an earlier driver
        self._awaited: set[str] = set()  # questions that are asked and not answered
        self._ready: list[Judged[Verdict]] = []
        self._read: set[int] = set()  # batches whose verdicts have been taken
        self._out: deque[tuple[int, int]] = deque()  # batches, each with the count of designs at which it was offered
        self._asked = 0
        self._looked = 0.0
        self._began = time.monotonic()
        self._stop = threading.Event()
        self._own: threading.Thread | None = None
        self._fault: BaseException | None = None
        self._lock: IO[str] | None = None
        self.judged: Counter[str] = Counter()

    def __enter__(self) -> Self:
        """Take the folder for this driver; raise RunDirectoryError where another one has it."""
        self._place.make()
        self._lock = _hold(self._place.root)
        with disk_faults(self._place.root):
            self._place.over.unlink(missing_ok=True)
        if not self._place.order.exists() or read_value(self._place.order, Terms).id != self._terms.id:
            self._place.clear()  # what other tools were to judge, or have judged
            self._place.make()
        write_value(self._place.order, self._terms)
        self._place.held(DRIVER).mkdir(parents=True, exist_ok=True)
        self._place.give_back(DRIVER)  # the worker of the last driver went down with it
        self._find_again()
        if self._shared.works:
            self._own = threading.Thread(target=self._work, name="itertl-folder", daemon=True)
            self._own.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        if self._own is not None:
            self._own.join()
        if kind is None:
            self._place.clear()
        if self._lock is not None:
            self._lock.close()

    @property
    def room(self) -> int:
        """0: the settings say how many designs may be under way."""
        return 0

    def submit(self, job: Job) -> None:
        """Take a job; what an earlier driver had asked is not asked again."""
        new: list[tuple[str, str]] = []
        for question, design in zip(questions(job), job.designs, strict=True):
            if (known := self._known.pop(question, None)) is not None:
                self._ready.append(known)
                continue
            self._awaited.add(question)
            if question not in self._offered:
                new.append(design)
        if new:
            self._pack.append(dataclasses.replace(job, designs=tuple(new)))
        if sum(len(job.designs) for job in self._pack) >= SIZE:
            self._offer()

    def collect(self, wait: float | None) -> list[Judged[Verdict]]:
        """Return the answers that have arrived, after waiting at most `wait` seconds (None: until there are some)."""
        if wait is None:
            self._offer()
        end = None if wait is None else time.monotonic() + wait
        while True:
            self._look()
            if self._ready or (end is not None and time.monotonic() >= end):
                arrived, self._ready = self._ready, []
                return arrived
            if not self._awaited:
                raise ToolError("verification has lost a job: nothing is in the folder of what is still awaited")
            time.sleep(_PAUSE / 2)

    def _offer(self) -> None:
        """Make a batch of what has been put together."""
        if not self._pack:
            return
        self._place.offer(self._number, batch_text(self._terms.id, self._pack))
        self._asked += sum(len(job.designs) for job in self._pack)
        self._out.append((self._number, self._asked))
        self._number += 1
        self._pack = []
        while self._out and self._out[0][1] < self._asked - _KEPT:
            number, _ = self._out.popleft()
            if number in self._read:
                (self._place.done / f"{number:013d}.jsonl").unlink(missing_ok=True)

    def _look(self) -> None:
        """Take what is done, now and then, and see to the dead."""
        now = time.monotonic()
        if now - self._looked < _PAUSE:
            return
        self._looked = now
        if self._fault is not None:
            raise self._fault
        for path in self._place.verdicts():
            if number_of(path.name) not in self._read:
                self._take(path)
        for worker, count in self._watch.give_back().items():
            log.warning("%s is silent; %d batches that it held are offered again", worker, count)
        for path in self._place.given_up():
            self._give_up(path)
        if not self._shared.works and not self.judged and now - self._began > _NOBODY:
            self._began = float("inf")
            log.warning("nobody has judged anything yet; on any machine: itertl verify-worker %s", self._place.root)

    def _take(self, path: Path) -> None:
        worker, answers = read_verdicts(path)
        self._check(worker)
        self._read.add(number_of(path.name))
        self.judged[worker] += len(answers)
        for question, judged in answers.items():
            self._answer(question, judged)

    def _answer(self, question: str, judged: Judged[Verdict]) -> None:
        if question in self._awaited:
            self._awaited.remove(question)
            self._ready.append(judged)
        elif question in self._offered and judged.verdict.outcome is not Outcome.TOOL_ERROR:
            self._known[question] = judged
        self._offered.discard(question)

    def _give_up(self, path: Path) -> None:
        """Answer for a batch that has cost too many workers their lives."""
        detail = f"{counted(deaths(path.name), 'workers')} died while they held it"
        for question, (task_id, code_id) in awaited(read_batch(path)[1]):
            self._answer(question, Judged(Verdict(task_id, code_id, Outcome.TOOL_ERROR, detail=detail)))
        path.unlink(missing_ok=True)

    def _check(self, worker: str) -> None:
        """Raise ToolError where a worker has other tools than this driver."""
        if worker in self.judged:
            return
        present = read_value(self._place.present(worker), Present)
        if said := difference(self._terms, present.tools, present.host):
            raise ToolError(said)

    def _find_again(self) -> None:
        """Take up what an earlier driver has left: verdicts, and batches that are still to be judged."""
        for path in self._place.verdicts():
            worker, answers = read_verdicts(path)
            self._check(worker)
            self._read.add(number_of(path.name))
            sound = {q: j for q, j in answers.items() if j.verdict.outcome is not Outcome.TOOL_ERROR}
            self._known |= sound
        for path in list(self._place.batches()):
            with contextlib.suppress(FileNotFoundError):  # a worker has just moved it
                self._offered.update(question for question, _ in awaited(read_batch(path)[1]))
        numbers = [number_of(path.name) for path in [*self._place.batches(), *self._place.verdicts()]]
        self._number = max([int(time.time() * 1000), *(number + 1 for number in numbers)])

    def _work(self) -> None:
        """Be one of the workers."""
        duty = Duty(self._settings.workers, idle=float("inf"), name=DRIVER, stopped=self._stop.is_set, pause=0.05)
        try:
            work(self._place, duty)
        except BaseException as error:  # the boundary of the thread: the driver has to hear of it
            self._fault = error


def _terms(shared: Shared, settings: VerifySettings) -> Terms:
    tools = present_tools(settings.formal or settings.cross_check != "off")
    identity = digest(json.dumps(tools, sort_keys=True))
    return Terms(identity, tools, platform.node(), shared.any_tools, settings.sandbox, shared.stale)


def _hold(root: Path) -> IO[str]:
    file = (root / "driver.lock").open("a")
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.close()
        raise RunDirectoryError(f"another process drives {root}; wait for it, or choose another --folder") from error
    return file


def end(shared: Shared) -> None:
    """Tell the workers of a folder that nothing is to come."""
    place = Place(shared.root)
    place.make()
    with disk_faults(place.root):
        place.over.touch()
