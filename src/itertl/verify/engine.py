"""`verify`: candidates in, verdicts out, as a stream that overlaps with whatever produces the candidates.

    for verdict in verify(candidates, tasks, VerifySettings(workers=4)): ...

`candidates` may be a generator that samples from a model: it is pulled in the caller's own thread, only as fast as
verdicts are asked for and at most `in_flight` candidates ahead, while worker processes judge what has been pulled.
There is one verdict for each distinct (task_id, code_id), in the order of first appearance; what the cache knows is
not simulated again. Closing the generator, an interrupt, or the death of the caller ends all workers and simulators.
"""

import contextlib
import dataclasses
from collections import deque
from collections.abc import Iterable, Iterator, Mapping

from itertl.errors import DataError
from itertl.outcome import Outcome
from itertl.records import Candidate, Task, Verdict
from itertl.tools.icarus import find_tools
from itertl.tools.yosys import find_yosys
from itertl.verify.cache import Cache, open_cache
from itertl.verify.settings import VerifySettings
from itertl.verify.workers.pool import Pool
from itertl.verify.workers.worker import Job
from itertl.verilog.extract import why_empty

Key = tuple[str, str]


def verify(
    candidates: Iterable[Candidate],
    tasks: Iterable[Task] | Mapping[str, Task],
    settings: VerifySettings = VerifySettings(),  # noqa: B008 - frozen
    *,
    done: Iterable[Verdict] = (),
) -> Iterator[Verdict]:
    """Yield one verdict for each distinct design among `candidates`; those in `done` are neither run nor yielded.

    Raises MissingToolError where Icarus Verilog (for `formal`: or Yosys) is not installed, DataError for a candidate
    of an unknown task.
    """
    find_tools()
    if settings.formal:
        find_yosys()
    known = tasks if isinstance(tasks, Mapping) else {t.id: t for t in tasks}
    seen = {(v.task_id, v.code_id) for v in done}
    return _stream(iter(candidates), known, settings, seen)


def _stream(
    source: Iterator[Candidate], tasks: Mapping[str, Task], settings: VerifySettings, seen: set[Key]
) -> Iterator[Verdict]:
    with contextlib.closing(open_cache(settings)) as cache, Pool[Verdict](settings) as pool:
        stream = _Stream(settings, cache)
        exhausted = False
        while not exhausted or stream.waiting:
            stream.take(pool.collect(0.0), pool)
            if (verdict := stream.next_verdict()) is not None:
                yield verdict
            elif exhausted or len(stream.waiting) >= settings.in_flight:
                stream.flush(pool)
                stream.take(pool.collect(None), pool)
            elif (candidate := next(source, None)) is None:
                exhausted = True
            elif (candidate.task_id, candidate.code_id) not in seen:
                seen.add((candidate.task_id, candidate.code_id))
                stream.add(candidate, _task(tasks, candidate), pool)


def _task(tasks: Mapping[str, Task], candidate: Candidate) -> Task:
    if candidate.task_id not in tasks:
        raise DataError(f"candidate of task {candidate.task_id!r}, which is not among the {len(tasks)} tasks given")
    return tasks[candidate.task_id]


@dataclasses.dataclass(slots=True)
class _Stream:
    """What has been pulled and not yet yielded: keys in order, verdicts by key, and the batch being filled."""

    settings: VerifySettings
    cache: Cache
    waiting: deque[Key] = dataclasses.field(default_factory=deque)
    ready: dict[Key, Verdict] = dataclasses.field(default_factory=dict)
    task: Task | None = None
    batch: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    judging: dict[Key, tuple[str, Task]] = dataclasses.field(default_factory=dict)

    def add(self, candidate: Candidate, task: Task, pool: Pool[Verdict]) -> None:
        """Put a candidate into the batch of its task; a full batch, or one of another task, goes to the workers."""
        key = (candidate.task_id, candidate.code_id)
        self.waiting.append(key)
        if not candidate.code:
            self.ready[key] = Verdict(*key, Outcome.EMPTY, detail=why_empty(candidate.completion))
            return
        if (known := self.cache.find(candidate, task)) is not None:
            self.ready[key] = known
            return
        if self.task is not None and self.task.id != task.id:
            self.flush(pool)
        self.task = task
        self.batch.append((candidate.code_id, candidate.code))
        self.judging[key] = (candidate.code, task)
        if len(self.batch) >= self.settings.together:
            self.flush(pool)

    def flush(self, pool: Pool[Verdict]) -> None:
        """Hand the batch being filled to the workers."""
        if self.task is not None and self.batch:
            known = self.cache.find_reference(self.task)
            pool.submit(Job(self.task, tuple(self.batch), self.settings, known=known))
        self.task, self.batch = None, []

    def take(self, verdicts: Iterable[Verdict], pool: Pool[Verdict]) -> None:
        """Keep verdicts until it is their turn, and for other times."""
        for verdict in verdicts:
            key = (verdict.task_id, verdict.code_id)
            code, task = self.judging.pop(key)
            self.ready[key] = verdict
            self.cache.keep(verdict, code, task)
            if (learnt := pool.learnt.pop(task.id, None)) is not None:
                self.cache.keep_reference(task, learnt)

    def next_verdict(self) -> Verdict | None:
        """Return the verdict whose turn it is, or None if it has not arrived."""
        if self.waiting and self.waiting[0] in self.ready:
            return self.ready.pop(self.waiting.popleft())
        return None
