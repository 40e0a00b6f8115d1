"""A worker process: reads jobs from standard input, writes verdicts to standard output, until the pipe is closed.

    python -P -c "from itertl.verify.worker import start; start()" FOLDER PARENT      # by pool.py only

It imports no heavy module, limits its own memory, and goes down with its parent, simulations included: by the pipe's
end while it waits, by the parent-death signal, and by the limits of the programs that it starts.
Messages are pickled objects behind their length (8 bytes, big-endian).
"""

import contextlib
import ctypes
import dataclasses
import os
import pickle
import resource
import shutil
import signal
import sys
from collections import OrderedDict
from pathlib import Path
from types import FrameType
from typing import Any, BinaryIO

from itertl.errors import ItertlError
from itertl.records import Outcome, Task, Verdict
from itertl.verify.judge import Reference, gated, judge, prepare
from itertl.verify.settings import VerifySettings
from itertl.verify.simulate import Shop, open_shop

_KEPT_REFERENCES = 64
_PR_SET_PDEATHSIG = 1
_FRONT_END_BYTES = 3 << 30


@dataclasses.dataclass(frozen=True, slots=True)
class Job:
    """One batch: a task and its designs (code_id, code). `careful` announces the end of the gate for each."""

    task: Task
    designs: tuple[tuple[str, str], ...]
    settings: VerifySettings
    careful: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """The verdicts on a job; or, with none, the news that its only design has passed the gate.

    `failed`: the verdicts are tool errors of the moment, and the job is worth another attempt.
    """

    verdicts: tuple[Verdict, ...] = ()
    failed: bool = False


def send(stream: BinaryIO, message: object) -> None:
    """Write one message."""
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    stream.write(len(data).to_bytes(8, "big") + data)
    stream.flush()


def receive(stream: BinaryIO) -> Any:
    """Read one message; return None at the end of the stream."""
    head = stream.read(8)
    if len(head) < 8:
        return None
    data = stream.read(int.from_bytes(head, "big"))
    return pickle.loads(data)


def main(folder: Path, parent: int) -> None:
    """Serve jobs until the parent is gone."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interrupt means
    signal.signal(signal.SIGTERM, _leave)
    resource.setrlimit(resource.RLIMIT_AS, (_FRONT_END_BYTES, _FRONT_END_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    jobs, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing but answers may reach the parent's pipe
    try:
        shop = open_shop(folder, lifeline=jobs.fileno())
        references: OrderedDict[Task, Reference | str] = OrderedDict()
        while (job := receive(jobs)) is not None:
            with contextlib.suppress(BrokenPipeError):
                send(answers, _serve(job, references, shop, answers))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


def _serve(job: Job, references: "OrderedDict[Task, Reference | str]", shop: Shop, answers: BinaryIO) -> Answer:
    if job.careful:
        for _, code in job.designs:
            gated(code, job.task.top, None)
        send(answers, Answer())
    try:
        if job.task not in references:
            references[job.task] = prepare(job.task, job.settings, shop) if job.task.reference else "no reference"
        references.move_to_end(job.task)
        while len(references) > _KEPT_REFERENCES:
            references.popitem(last=False)
        return Answer(tuple(judge(job.task, references[job.task], job.designs, job.settings, shop)))
    except (ItertlError, OSError, UnicodeError) as error:
        detail = f"{type(error).__name__}: {error}"
        return Answer(tuple(Verdict(job.task.id, i, Outcome.TOOL_ERROR, detail=detail) for i, _ in job.designs), True)


def start() -> None:
    """Run `main` with the folder and the parent's process id from the command line."""
    main(Path(sys.argv[1]), int(sys.argv[2]))
