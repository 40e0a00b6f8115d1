"""The pump between a stream of questions and worker processes, and the order in which answers come back.

    desk = Desk(pool, settings, size=32) ; desk.ask(task, code_id, code) ; desk.flush() ; desk.collect(None)
    desk.answers[task.id, code_id]  ->  Judged(verdict, ...)

    for answer in answered(items, desk, ask, tell): ...

Questions about one task travel together. Equal ones are asked once; what a cache knows is not asked at all. Items may
come from a generator that samples from a model: it is pulled in the caller's own thread, only as fast as answers are
taken and at most `in_flight` items ahead, while the workers judge what has been pulled.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar, cast

from itertl.disk.index import Index
from itertl.errors import DataError
from itertl.records import Candidate, Submission, Task, Verdict
from itertl.verify.cache import Cache
from itertl.verify.judged import Judged, R
from itertl.verify.settings import VerifySettings
from itertl.verify.workers.worker import Bench, Job
from itertl.words import counted

Key = tuple[str, str]  # of a task and of what is judged: a design, or for "official" a completion
T = TypeVar("T")
A = TypeVar("A")


class Judges(Protocol[R]):
    """Who judges jobs: worker processes of this machine (`pool.Pool`), or of many; a context manager that ends them."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...

    @property
    def room(self) -> int:
        """How many designs may be under way at once, so that nobody waits for work; 0 where `in_flight` says it."""
        ...

    def submit(self, job: Job) -> None:
        """Take a job, now or when there is room."""
        ...

    def collect(self, wait: float | None) -> list[Judged[R]]:
        """Return the answers that have arrived, after waiting at most `wait` seconds (None: until there are some)."""
        ...


class Desk(Generic[R]):
    """Where questions become jobs, `size` of one task and bench in each, and answers wait until they are taken."""

    def __init__(self, pool: Judges[R], settings: VerifySettings, size: int, cache: Cache | None = None) -> None:
        """Ask the workers of `pool`; `cache` knows and learns verdicts by the reference."""
        self.answers: dict[Key, Judged[R]] = {}
        self._pool: Judges[R] = pool
        self._settings, self._size, self._cache = settings, size, cache
        self._asked: dict[Key, tuple[Task, str]] = {}  # what is not answered yet, with its text
        self._task: Task | None = None  # that of the batches being filled
        self._batches: dict[Bench, list[tuple[str, str]]] = {}

    def ask(self, task: Task, name: str, text: str, bench: Bench = "") -> Key:
        """Ask for the judgement of a bench on `text`, called `name`, and return the key of the answer."""
        key = task.id, name
        if key in self.answers or key in self._asked:
            return key
        if (known := self._cache.find(name, text, task) if self._cache is not None else None) is not None:
            self.answers[key] = cast("Judged[R]", Judged(known))
            return key
        if self._task is not None and self._task.id != task.id:
            self.flush()
        self._task = task
        self._asked[key] = task, text
        batch = self._batches.setdefault(bench, [])
        batch.append((name, text))
        if len(batch) >= self._size:
            self._send(bench)
        return key

    def settle(self, verdict: R) -> Key:
        """Take a verdict that needs no worker, and return its key."""
        judged = Judged(verdict)
        self.answers[judged.key] = judged
        return judged.key

    @property
    def in_flight(self) -> int:
        """How many designs may be pulled ahead of the answers taken."""
        return max(self._settings.in_flight, self._pool.room)

    def flush(self) -> None:
        """Hand the batches being filled to the workers."""
        for bench in self._batches:
            self._send(bench)
        self._task = None

    def _send(self, bench: Bench) -> None:
        batch = self._batches[bench]
        if self._task is not None and batch:
            known = self._cache.find_reference(self._task) if self._cache is not None else None
            self._pool.submit(Job(self._task, tuple(batch), self._settings, bench=bench, known=known))
            batch.clear()

    def collect(self, wait: float | None) -> bool:
        """Take what has arrived, after waiting at most `wait` seconds (None: until there is something)."""
        arrived = self._pool.collect(wait)
        for judged in arrived:
            task, text = self._asked.pop(judged.key)
            self.answers[judged.key] = judged
            if self._cache is not None and isinstance(judged.verdict, Verdict) and not judged.elsewhere:
                self._cache.keep(judged.verdict, text, task)
                if judged.learnt is not None:
                    self._cache.keep_reference(task, judged.learnt)
        return bool(arrived)


def answered(
    items: Iterable[T], desk: Desk[R], ask: Callable[[T], tuple[Key, ...]], tell: Callable[[T], A]
) -> Iterator[A]:
    """Yield `tell(item)` for each of `items`, in their order, once the answers are there that `ask(item)` waits for."""
    in_flight = desk.in_flight
    source = iter(items)
    waiting: deque[tuple[T, tuple[Key, ...]]] = deque()
    exhausted = False
    while not exhausted or waiting:
        desk.collect(0.0)
        if waiting and all(key in desk.answers for key in waiting[0][1]):
            yield tell(waiting.popleft()[0])
        elif exhausted or len(waiting) >= in_flight:
            desk.flush()
            desk.collect(None)
        elif (item := next(source, None)) is None:
            exhausted = True
        else:
            waiting.append((item, ask(item)))


def submissions(
    handed: Iterable[Submission | Candidate], seen: Index, key: Callable[[Submission], Key]
) -> Iterator[Submission]:
    """Yield what is handed in, the designs of candidates among it, once for each `key` that is not in `seen`."""
    for one in handed:
        design = one.submission if isinstance(one, Candidate) else one
        if seen.add(name_of(key(design))):
            yield design


def name_of(key: Key) -> str:
    """Return a key as an index of what has been seen has it."""
    return "\0".join(key)


def task_of(design: Submission, tasks: Mapping[str, Task]) -> Task:
    """Return the task of a design; raise DataError where it is not among `tasks`."""
    if design.task_id not in tasks:
        given = counted(len(tasks), "tasks")
        raise DataError(f"a design of task {design.task_id!r}, which is not among the {given} given")
    return tasks[design.task_id]
