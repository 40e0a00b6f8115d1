"""Worker processes from the outside: hand over jobs, collect answers, replace the dead.

Of jobs that were served together when their worker died, each is served by itself. A job whose worker dies is taken
apart into single careful jobs; a single one is tried again in a fresh worker. What dies each time in the front-end is
the candidate's fault (refused: front-end resources), anything else is ours.
"""

import dataclasses
import select
import signal
import time
from collections import deque
from collections.abc import Sequence
from typing import ClassVar, Generic, cast

from itertl.errors import ToolError
from itertl.tools.sandbox.keeper import require
from itertl.tools.shop import sweep_left
from itertl.verify.judged import Judged, R
from itertl.verify.settings import VerifySettings
from itertl.verify.workers.process import Fresh, Process, Source
from itertl.verify.workers.worker import MOST_TOGETHER, Answer, Job, import_variables
from itertl.words import counted

_AHEAD = 2  # jobs that a worker holds: one in work, one to go on with
_MOST_AHEAD = 2 * MOST_TOGETHER  # where so many are waiting that it may serve several at once
_MOST_DESIGNS = 128  # of the jobs that a worker holds, where there are more than it needs to go on
_MOST_BROKEN = 8
_DEADLINE = 600.0  # seconds without any answer, after which a worker counts as dead
_FAULTS = frozenset({signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGPROF, signal.SIGILL})


@dataclasses.dataclass(slots=True)
class _Ticket:
    """A job with how often its worker has died, and whether the last attempt had passed the gate."""

    job: Job
    deaths: int = 0
    failures: int = 0
    gate_passed: bool = False


@dataclasses.dataclass(slots=True)
class _Worker:
    process: Process
    held: deque[_Ticket] = dataclasses.field(default_factory=deque)
    heard: float = dataclasses.field(default_factory=time.monotonic)


class Pool(Generic[R]):
    """Worker processes that judge jobs; use as a context manager, which ends them all.

    All jobs of a pool get answers of one kind, R: verdicts, or (with the benches "synthesis" and
    "schematic") what Yosys makes of them, and their drawings.
    `modules` are a user's, which workers import before they confine themselves. `source` hands out processes, and takes
    back those that have nothing to do at the end.
    """

    source: ClassVar[Source] = Fresh()

    def __init__(self, settings: VerifySettings, modules: Sequence[str] = ()) -> None:
        """Start nothing yet: workers start with the first job. Raise SandboxError where a sandbox cannot be had."""
        if settings.sandbox == "required":
            require()
        self._settings = settings
        self._imports = import_variables(modules)
        self._workers: list[_Worker] = []
        self._queue: deque[_Ticket] = deque()
        self._home: dict[str, _Worker] = {}  # the worker that holds a task's reference
        self._broken = 0  # workers that ended by an exception since the last answer

    def __enter__(self) -> "Pool[R]":
        return self

    def __exit__(self, *details: object) -> None:
        for worker in self._workers:
            if worker.held or not worker.process.alive:
                worker.process.end()
            else:
                self.source.leave(worker.process)
        self._workers.clear()

    @property
    def room(self) -> int:
        """0: the settings say how many designs may be under way."""
        return 0

    def submit(self, job: Job) -> None:
        """Queue a job and hand out what workers can take."""
        self._queue.append(_Ticket(dataclasses.replace(job, settings=job.settings.of_a_worker)))
        self._hand_out()

    def collect(self, wait: float | None) -> list[Judged[R]]:
        """Return the answers that have arrived, after waiting at most `wait` seconds (None: until there are some)."""
        arrived: list[Judged[R]] = []
        while True:
            self._hand_out()
            busy = [w for w in self._workers if w.held]
            if not busy:
                if wait is None:
                    raise ToolError("verification has lost a job: no worker is at work on what is still awaited")
                return arrived
            for worker in _ready(busy, 1.0 if wait is None else wait):
                arrived += self._read(worker)
            for worker in [w for w in busy if time.monotonic() - w.heard > _DEADLINE]:
                worker.process.keeper.kill()
            if arrived or wait is not None:
                self._hand_out()
                return arrived

    def _read(self, worker: _Worker) -> list[Judged[R]]:
        answers, ended = worker.process.channel.receive()
        arrived = [judged for answer in answers for judged in self._answer(worker, answer)]
        return arrived + self._bury(worker) if ended else arrived

    def _answer(self, worker: _Worker, answer: Answer) -> list[Judged[R]]:
        worker.heard = time.monotonic()
        if not worker.held:
            raise ToolError("a verification worker answered what nobody had asked: do not trust it")
        ticket = worker.held[0]
        if not answer.judged:
            ticket.gate_passed = True
            return []
        worker.held.popleft()
        self._broken = 0
        if answer.failed and ticket.failures < self._settings.retries:
            self._queue.appendleft(dataclasses.replace(ticket, failures=ticket.failures + 1, gate_passed=False))
            return []
        return cast("list[Judged[R]]", list(answer.judged))

    def _bury(self, worker: _Worker) -> list[Judged[R]]:
        """Take a dead worker's jobs back; decide about a single one that has now died often enough."""
        status = worker.process.keeper.wait()
        self._broken += status > 0
        if self._broken > _MOST_BROKEN:
            raise ToolError(
                f"verification workers end with status {status} before they answer; their messages are on standard "
                "error; run `itertl doctor`"
            )
        fault = -status in _FAULTS
        worker.process.end()
        self._workers.remove(worker)
        self._home = {t: w for t, w in self._home.items() if w is not worker}
        rest = deque(worker.held)
        if not rest:
            return []
        if len(rest) > 1 and rest[0].job.light:  # several were in work, and nobody knows which one it was
            apart = [dataclasses.replace(t, job=dataclasses.replace(t.job, apart=True)) for t in rest]
            self._queue.extendleft(reversed(apart))
            return []
        ticket = rest.popleft()
        self._queue.extendleft(reversed(rest))
        if len(ticket.job.designs) > 1 or not ticket.job.careful:
            singles = [dataclasses.replace(ticket.job, designs=(d,), careful=True) for d in ticket.job.designs]
            self._queue.extendleft(_Ticket(j) for j in reversed(singles))
            return []
        ticket.deaths += 1
        exhausted = -status == signal.SIGPROF and not ticket.gate_passed  # CPU time: no accident of the moment
        if ticket.deaths < self._settings.retries and not exhausted:
            self._queue.appendleft(dataclasses.replace(ticket, gate_passed=False))
            return []
        if fault and not ticket.gate_passed:
            return cast("list[Judged[R]]", list(ticket.job.refused_in_reading()))
        detail = f"the worker process died {counted(ticket.deaths, 'times')} (status {status})"
        return cast("list[Judged[R]]", list(ticket.job.without_answer(detail)))

    def _hand_out(self) -> None:
        while self._queue:
            worker = self._choose(self._queue[0].job)
            if worker is None:
                return
            ticket = self._queue.popleft()
            if not worker.held:
                worker.heard = time.monotonic()
            worker.held.append(ticket)
            self._home[ticket.job.task.id] = worker
            worker.process.channel.send(ticket.job)

    def _choose(self, job: Job) -> _Worker | None:
        """Return the worker for `job`: the one that knows its task unless it is busier, else the least busy."""
        if len(self._workers) < self._settings.processes and all(w.held for w in self._workers):
            if not self._workers:
                sweep_left()
            self._workers.append(_Worker(self.source.take(self._settings.of_a_worker, self._imports)))
        free = [w for w in self._workers if self._takes(w, job) and not any(t.job.careful for t in w.held)]
        if not free:
            return None
        least = min(free, key=lambda w: len(w.held))
        home = self._home.get(job.task.id)
        return home if home in free and len(home.held) <= len(least.held) + 1 else least

    def _takes(self, worker: _Worker, job: Job) -> bool:
        """True if a worker may hold one more job: a light one as long as there are others for all workers."""
        if len(worker.held) < _AHEAD:
            return True
        light = job.light and not worker.process.channel.full
        designs = len(job.designs) + sum(len(ticket.job.designs) for ticket in worker.held)
        share = len(self._queue) // self._settings.processes
        return light and len(worker.held) < min(_MOST_AHEAD, share) and designs <= _MOST_DESIGNS


def _ready(workers: Sequence[_Worker], seconds: float) -> list[_Worker]:
    """Return the workers that have said something within `seconds`; meanwhile, write what their pipes take."""
    poller, by_descriptor = select.poll(), {}
    for worker in workers:
        channel = worker.process.channel
        by_descriptor[channel.incoming] = by_descriptor[channel.outgoing] = worker
        poller.register(channel.incoming, select.POLLIN)
        if channel.full:
            poller.register(channel.outgoing, select.POLLOUT)
    found = []
    for descriptor, _ in poller.poll(seconds * 1000.0):
        worker = by_descriptor[descriptor]
        if descriptor == worker.process.channel.outgoing:
            worker.process.channel.flush()
        else:
            found.append(worker)
    return found
