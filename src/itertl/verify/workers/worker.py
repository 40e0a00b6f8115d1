"""A worker process: reads jobs from standard input, writes verdicts to standard output, until the pipe is closed.

    python -P -c "from itertl.verify.workers.worker import start; start()" FOLDER PARENT SANDBOX      # by pool.py only

It imports no heavy module, confines itself before it reads the first job (tools/sandbox), limits its own memory, and
goes down with its keeper, simulations included: by the pipe's end while it waits, by the parent-death signal, and by
the limits of the programs that it starts.
"""

import contextlib
import dataclasses
import gc
import importlib
import os
import resource
import select
import shutil
import signal
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Literal, TypeAlias

from itertl.errors import ItertlError
from itertl.outcome import Outcome, Reason
from itertl.records import Synthesis, SynthesisStatus, Task, Verdict
from itertl.tools.sandbox.keeper import Plan, goes_down_with, keep
from itertl.tools.sandbox.levels import confine
from itertl.tools.shop import Shop, open_shop
from itertl.verify.batch import Asking, alone
from itertl.verify.cocotb.bench import by_cocotb
from itertl.verify.judge import gated, judging, preparing
from itertl.verify.judged import Judged, Known, Reference, Unfit
from itertl.verify.official.bench import official, strict
from itertl.verify.schematic.design import drawn
from itertl.verify.schematic.drawn import Schematic
from itertl.verify.settings import VerifySettings
from itertl.verify.synthesis.design import synthesized
from itertl.verify.together import answered_together
from itertl.verify.workers.messages import receive, send

_MODULES = "ITERTL_MODULES"  # a user's, which cannot be read any more when the process is confined
_KEPT_REFERENCES = 64
_FAULTS = (ItertlError, OSError, UnicodeError)  # tell of a job that its tools have failed
MOST_TOGETHER = 8  # jobs that are served at the same time
_FRONT_END_BYTES = 3 << 30


References: TypeAlias = "OrderedDict[Task, Reference | Unfit]"
Designs: TypeAlias = Sequence[tuple[str, str]]
Bench = Literal["", "official", "strict", "synthesis", "schematic"]
AnyJudged = Judged[Verdict] | Judged[Synthesis] | Judged[Schematic]

# who answers where it is not the task's reference
_JUDGES: dict[str, Callable[[Task, Designs, VerifySettings, Shop], Sequence[AnyJudged]]] = {
    "official": official,
    "strict": strict,
    "cocotb": by_cocotb,
    "synthesis": synthesized,
    "schematic": drawn,
}


@dataclasses.dataclass(frozen=True, slots=True)
class Job:
    """One batch: a task and its designs (code_id, code).

    `careful` announces the end of the gate for each; `waves` asks for what the verdicts were read from. `bench` says
    who is asked: "" the reference, "official" and "strict" the suite's own testbench, "synthesis" Yosys, and
    "schematic" netlistsvg behind it, whose answers are no verdicts. For "official" a design is the raw completion.
    `known` is what an earlier simulation of the reference gave. `apart`: no other job is served at the same time, since
    one of them has ended a worker.
    """

    task: Task
    designs: tuple[tuple[str, str], ...]
    settings: VerifySettings
    careful: bool = False
    waves: bool = False
    bench: Bench = ""
    known: Known | None = None
    apart: bool = False

    @property
    def judge(self) -> str:
        """Who answers: the one asked; for want of a reference the task's testbench; cocotb for a bench in Python."""
        asked = self.bench or ("strict" if by_bench(self.task) else "reference")
        return "cocotb" if asked in ("official", "strict") and self.task.bench == "cocotb" else asked

    @property
    def light(self) -> bool:
        """True if it may be served together with others: it asks for simulations alone."""
        more = self.judge != "reference" or self.settings.formal or self.settings.cross_check != "off"
        return not (self.careful or self.apart or more)

    def refused_in_reading(self) -> tuple[AnyJudged, ...]:
        """Return what is said of designs that end each process that reads them."""
        detail = "front-end resources: reading it ends the process each time"
        return self.without_answer(detail, Outcome.REJECTED, Reason.FRONT_END)

    def without_answer(
        self, detail: str, outcome: Outcome = Outcome.TOOL_ERROR, reason: Reason | None = None
    ) -> tuple[AnyJudged, ...]:
        """Return what is said of the designs where there is no other answer; of a synthesis, that it is unknown."""
        keys = [(self.task.id, code_id) for code_id, _ in self.designs]
        match self.judge:
            case "synthesis":
                return tuple(Judged(Synthesis(*key, SynthesisStatus.UNKNOWN, detail=detail)) for key in keys)
            case "schematic":
                return tuple(Judged(Schematic(*key, detail=detail)) for key in keys)
            case _:
                return tuple(Judged(Verdict(*key, outcome, detail=detail, reason=reason)) for key in keys)


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What is said of the designs of a job, in their order; with nothing, its only design has passed the gate.

    `failed`: these are tool errors of the moment, and the job is worth another attempt.
    """

    judged: tuple[AnyJudged, ...] = ()
    failed: bool = False


def by_bench(task: Task) -> bool:
    """True if a task's testbench judges, for want of a reference."""
    return bool(task.testbench and not task.reference)


def import_variables(modules: Sequence[str]) -> dict[str, str]:
    """Return the environment in which a worker imports `modules` from where this process finds them."""
    paths = (str(Path(entry).resolve()) for entry in sys.path)
    return {_MODULES: " ".join(modules), "PYTHONPATH": os.pathsep.join(paths)} if modules else {}


def main(folder: Path, plan: Plan, keeper: int) -> None:
    """Confine this process as planned, then serve jobs until the pool is gone."""
    for module in os.environ.get(_MODULES, "").split():
        importlib.import_module(module)
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    jobs, answers = 0, os.dup(1)
    os.dup2(2, 1)  # nothing but answers may reach the pool's pipe
    shop = open_shop(folder, lifeline=jobs)
    confine(plan.steps, shop.folder, shop.programs, plan.wrapper)
    resource.setrlimit(resource.RLIMIT_AS, (_FRONT_END_BYTES, _FRONT_END_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    gc.freeze()  # what is there now stays: no collection need look at it again
    if goes_down_with(keeper):
        _loop(shop, jobs, answers)


def _loop(shop: Shop, jobs: int, answers: int) -> None:
    references: References = OrderedDict()
    following: Job | None = None
    while (job := following or receive(jobs)) is not None:
        served, following = _with_those_behind(job, jobs)
        if job.light:
            found: Iterable[Answer] = judged_together(served, references, shop)
        else:
            found = [_serve(job, references, shop, answers)]
        with contextlib.suppress(BrokenPipeError):  # the end of `jobs` follows
            for answer in found:
                sweep(shop.folder)
                send(answers, answer)


def _with_those_behind(job: Job, jobs: int) -> tuple[list[Job], Job | None]:
    """Return the jobs to serve together, as far as they are there already, and the next one if it has been read."""
    served = [job]
    poller = select.poll()
    poller.register(jobs, select.POLLIN)
    while job.light and len(served) < MOST_TOGETHER and any(event & select.POLLIN for _, event in poller.poll(0)):
        following = receive(jobs)
        if following is None or not following.light or following.task in [job.task for job in served]:
            return served, following
        served.append(following)
    return served, None


def sweep(folder: Path) -> None:
    """Remove whatever a run has left in `folder`: no candidate finds anything of the one before it."""
    for entry in list(os.scandir(folder)):
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path, ignore_errors=True)
        else:
            Path(entry.path).unlink(missing_ok=True)


def _leave(number: int, frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, _stay)  # once is enough; the end of a run must not be interrupted
    raise SystemExit(0)


def _stay(number: int, frame: FrameType | None) -> None:
    """Ignore a signal; unlike SIG_IGN, Python has nothing to report where one arrives while this is being set."""


def _serve(job: Job, references: References, shop: Shop, answers: int) -> Answer:
    if job.careful:
        for _, code in job.designs:
            if job.bench != "official":
                gated(code, job.task.top, None, job.task.project)
        send(answers, Answer())
    if job.judge == "reference":
        return alone(_answering(job, references, shop))
    try:
        return Answer(tuple(_JUDGES[job.judge](job.task, job.designs, job.settings, shop)))
    except _FAULTS as error:
        return _failed(job, error)


def judged_together(jobs: Sequence[Job], references: References, shop: Shop) -> Iterator[Answer]:
    """Yield the answer to each of `jobs`, which are of different tasks and judged by references.

    `references` are those that have been prepared; new ones join them.
    """
    return answered_together([_answering(job, references, shop) for job in jobs], shop)


def _answering(job: Job, references: References, shop: Shop) -> Asking[Answer]:
    learnt = None
    try:
        reference = references.get(job.task)
        if reference is None:
            reference = Unfit("no reference")
            if job.task.reference:
                reference = yield from preparing(job.task, job.settings, shop, job.known)
            learnt = reference.known if isinstance(reference, Reference) and job.known is None else None
            references[job.task] = reference
        references.move_to_end(job.task)
        while len(references) > _KEPT_REFERENCES:
            references.popitem(last=False)
        judged = yield from judging(job.task, reference, job.designs, job.settings, shop)
    except _FAULTS as error:
        return _failed(job, error)
    return Answer(tuple(_sent(j, reference, job.waves, None if n else learnt) for n, j in enumerate(judged)))


def _failed(job: Job, error: Exception) -> Answer:
    return Answer(job.without_answer(f"{type(error).__name__}: {error}"), True)


def _sent(judged: Judged[Verdict], reference: Reference | Unfit, waves: bool, learnt: Known | None) -> Judged[Verdict]:
    """Return what the pool hears of a design: what a verdict was read from is much, and seldom asked for."""
    if not waves or isinstance(reference, Unfit):
        return dataclasses.replace(judged, trace="", against=None, learnt=learnt)
    return dataclasses.replace(judged, against=judged.against or reference, learnt=learnt)


def start() -> None:
    """Keep a worker: `folder`, process id of the pool and the mode of the sandbox stand on the command line."""
    folder, parent, mode = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    keeper = os.getpid()
    inside = [sys.executable, "-P", "-c", "from itertl.verify.workers.worker import inside; inside()", str(folder)]
    keep(folder, parent, mode, lambda plan: main(folder, plan, keeper), inside)


def inside() -> None:
    """Serve inside of a wrapper: `folder`, the wrapper and the steps that are left stand on the command line."""
    main(Path(sys.argv[1]), Plan(tuple(sys.argv[3:]), sys.argv[2]), os.getppid())
