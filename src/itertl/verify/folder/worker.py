"""A worker of a shared folder: takes batches, judges them on this machine, and ends by itself.

    work(Place(folder), Duty(processes=0, idle=600.0), tell=print)  ->  Done(batches=12, designs=768, why="over")

It waits for the folder's terms, judges one small design to see that its tools work, and takes as many batches as keep
its processes busy. Its beat comes from the same loop, so a worker that is stuck is a worker that is silent. Whatever
ends it but kill -9 puts back what it holds; what a killed one held is put back by whoever notices its silence.
"""

import contextlib
import dataclasses
import os
import platform
import secrets
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from itertl.disk.artefacts import read_value, write_value
from itertl.errors import MissingToolError, ToolError
from itertl.records import Task, Verdict
from itertl.tools.sandbox.keeper import offered
from itertl.tools.shop import tool_versions
from itertl.tools.yosys import find_yosys
from itertl.verify.cache import source_digest
from itertl.verify.folder.batch import awaited, read_batch, verdicts_text
from itertl.verify.folder.layout import BEATS, Place, Present, Terms, Watch
from itertl.verify.judged import Judged
from itertl.verify.settings import VerifySettings
from itertl.verify.workers.pool import Pool
from itertl.verify.workers.worker import Job
from itertl.words import counted

IDLE = 600.0  # seconds without work after which a worker ends
DRIVER = "driver"  # the name of the driver's own worker
_PAUSE = 0.2  # seconds between two looks into an empty folder
_WAIT = 0.25  # seconds for which answers are waited for
_TELLS = 10.0  # seconds between two lines about progress
_AHEAD = 2  # jobs that are taken for each process
_TRIAL = "module trial(input a, output y);\n  assign y = ~a;\nendmodule\n"

Key = tuple[str, str]


@dataclasses.dataclass(frozen=True, slots=True)
class Duty:
    """How a worker works: `processes` (0: one a core), and after how many seconds without work it ends.

    `stopped` is asked whether to end; `pause` is in seconds.
    """

    processes: int = 0
    idle: float = IDLE
    name: str = ""
    stopped: Callable[[], bool] = lambda: False
    pause: float = _PAUSE


@dataclasses.dataclass(slots=True)
class Done:
    """What a worker has judged, and why it has ended: the work is "over", it was "idle" or "stopped"."""

    batches: int = 0
    designs: int = 0
    why: str = ""

    def __str__(self) -> str:
        """Return the numbers in words."""
        return f"{counted(self.designs, 'designs')} in {counted(self.batches, 'batches')}"


@dataclasses.dataclass(slots=True)
class _Held:
    """A batch in work: where it lies, its questions in order, and the answers that have come."""

    path: Path
    questions: list[tuple[str, Key]]
    answers: dict[Key, Judged[Verdict]] = dataclasses.field(default_factory=dict)


def present_tools(formal: bool = True) -> dict[str, str]:
    """Return the versions of what can move a verdict here, itertl's own source among them."""
    tools = tool_versions() | {"itertl": f"source {source_digest()[:12]}"}
    if formal:
        with contextlib.suppress(MissingToolError):
            tools["yosys"] = find_yosys().name
    return tools


def difference(terms: Terms, tools: dict[str, str], where: str) -> str:
    """Return how `tools`, found at `where`, differ from the terms', in a sentence; "" where they do not."""
    other = [name for name in terms.tools if tools.get(name) != terms.tools[name]]
    if not other or terms.any_tools:
        return ""
    here = ", ".join(f"{name} {tools.get(name, 'is missing')}" for name in other)
    there = ", ".join(f"{name} {terms.tools[name]}" for name in other)
    return (
        f"expected the tools of {terms.host}: {there}; found on {where}: {here}; verdicts could differ: install the "
        "same there, or let the driver begin with --any-tools"
    )


def work(place: Place, duty: Duty = Duty(), tell: Callable[[str], None] = lambda line: None) -> Done:
    """Judge batches until the work is over, or nothing has come for `duty.idle` seconds; `tell` what happens.

    Raise ToolError where this machine's tools differ from the driver's or do not work, what `Pool` raises else.
    """
    place.make()
    name = duty.name or f"{platform.node()}-{os.getpid()}-{secrets.token_hex(2)}"
    terms = _terms(place, duty, tell)
    if terms is None:
        return Done(why="over" if place.over.exists() else "idle")
    tools = present_tools("yosys" in terms.tools)
    if said := difference(terms, tools, platform.node()):
        raise ToolError(said)
    settings = VerifySettings(workers=duty.processes, sandbox=terms.sandbox)
    place.held(name).mkdir(parents=True, exist_ok=True)
    node, level = platform.node(), offered().level
    introduced = Present(name, node, os.getpid(), settings.processes, tools, level)
    write_value(place.present(name), introduced)
    tell(f"{name}: {counted(settings.processes, 'processes')}, iverilog {tools['iverilog']}, sandbox {level}")
    worker = _Worker(place, duty, name, terms, settings, tell)
    try:
        with Pool[Verdict](settings) as pool:
            return worker.run(pool)
    finally:
        place.give_back(name)


def _terms(place: Place, duty: Duty, tell: Callable[[str], None]) -> Terms | None:
    """Wait for the terms; return None where none have come in time, or the work is over."""
    end = time.monotonic() + duty.idle
    if not place.over.exists() and not place.order.exists():
        tell(f"nothing is asked in {place.root} yet: waiting for `itertl verify --folder`, {duty.idle:g} s at most")
    while not duty.stopped():
        if place.over.exists():
            return None
        if place.order.exists():
            return read_value(place.order, Terms)
        if time.monotonic() > end:
            return None
        time.sleep(duty.pause)
    return None


class _Worker:
    """One worker at work."""

    def __init__(
        self,
        place: Place,
        duty: Duty,
        name: str,
        terms: Terms,
        settings: VerifySettings,
        tell: Callable[[str], None],
    ) -> None:
        self._place, self._duty, self._name, self._terms, self._tell = place, duty, name, terms, tell
        self._processes = settings.processes
        self._watch = Watch(place, terms.stale)
        self._held: list[_Held] = []
        self._open: dict[Key, deque[_Held]] = {}
        self._done = Done()
        self._beats, self._beaten, self._told = 0, -1e9, time.monotonic()

    def run(self, pool: Pool[Verdict]) -> Done:
        """Serve until there is a reason to end."""
        self._beat()
        self._try_out(pool)
        busy = time.monotonic()
        while True:
            self._beat()
            stopped = self._duty.stopped()
            if not stopped:
                self._fill(pool)
            if not self._held or stopped:
                now = time.monotonic()
                if stopped or self._place.over.exists() or now - busy > self._duty.idle:
                    self._done.why = "stopped" if stopped else "over" if self._place.over.exists() else "idle"
                    return self._done
                for worker, count in self._watch.give_back().items():
                    self._tell(f"{worker} is silent; {count} batches that it held are offered again")
                time.sleep(self._duty.pause)
                continue
            busy = time.monotonic()
            for judged in pool.collect(_WAIT):
                self._note(judged)
            self._report()

    def _try_out(self, pool: Pool[Verdict]) -> None:
        """Judge a design that is right; raise ToolError where that is not what comes out."""
        task = Task("trial", "", _TRIAL[: _TRIAL.index("\n") + 1], _TRIAL, "trial")
        pool.submit(Job(task, (("trial", _TRIAL),), VerifySettings(cache=False)))
        verdicts: list[Judged[Verdict]] = []
        while not verdicts:
            verdicts = pool.collect(_WAIT)
            self._beat()
        found = verdicts[0].verdict
        if not found.passed:
            raise ToolError(
                f"a right design is {found.outcome} on {platform.node()}: {found.detail}; run `itertl doctor` there"
            )

    def _beat(self) -> None:
        now = time.monotonic()
        if now - self._beaten >= self._terms.stale / BEATS:
            self._beats, self._beaten = self._beats + 1, now
            self._place.beat(self._name, self._beats)

    def _fill(self, pool: Pool[Verdict]) -> None:
        """Take batches until every process has enough to do."""
        jobs = sum(len({question[1][0] for question in held.questions}) for held in self._held)
        while jobs < _AHEAD * self._processes and (path := self._place.take(self._name)) is not None:
            if self._place.delivered(path):  # by a worker that was taken for dead
                path.unlink(missing_ok=True)
                continue
            terms, asked = read_batch(path)
            if terms != self._terms.id:
                raise ToolError(
                    f"{path.name} in {self._place.root} belongs to another driver than the one this worker serves; "
                    "start the worker again"
                )
            held = _Held(path, list(awaited(asked)))
            self._held.append(held)
            for _, key in held.questions:
                self._open.setdefault(key, deque()).append(held)
            for job in asked:
                pool.submit(job)
            jobs += len(asked)

    def _note(self, judged: Judged[Verdict]) -> None:
        """Keep an answer, and deliver the batch that it completes."""
        waiting = self._open[judged.key]
        held = waiting.popleft()
        if not waiting:
            del self._open[judged.key]
        held.answers[judged.key] = judged
        if len(held.answers) < len(held.questions):
            return
        answers = ((question, held.answers[key]) for question, key in held.questions)
        self._place.deliver(held.path, verdicts_text(self._name, answers))
        self._held.remove(held)
        self._done.batches += 1
        self._done.designs += len(held.questions)

    def _report(self) -> None:
        now = time.monotonic()
        if now - self._told < _TELLS:
            return
        self._told = now
        holds = f"{len(self._held)} in work"
        self._tell(f"{self._name}: {self._done}, {holds}")
