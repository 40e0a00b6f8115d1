"""`verify_testbench`: candidates in, verdicts of the suite's own testbench out, the suite's rule and ours side by side.

    for verdict in verify_testbench(candidates, tasks): print(verdict.official, verdict.strict)

A task's `rule` says how its bench is run and read (itertl.verify.official.rules). There is one verdict for each
distinct completion of a task, in the order of first appearance: `official` may depend on every character of it,
`strict` only on the extracted design, which is run once however many completions hold it. Streams like `itertl.verify`,
in the same worker processes.
"""

import dataclasses
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal

from itertl.errors import DataError
from itertl.identity import digest
from itertl.outcome import Outcome
from itertl.records import Candidate, Task, TestbenchVerdict, Verdict
from itertl.tools.icarus import find_tools, open_shop, own_prefix, scratch
from itertl.verify.official.bench import check_golden
from itertl.verify.official.rules import rule_of
from itertl.verify.settings import VerifySettings
from itertl.verify.workers.pool import Pool
from itertl.verify.workers.worker import Job
from itertl.verilog.extract import why_empty

Key = tuple[str, str]
Bench = Literal["official", "strict"]


def completion_id(task_id: str, completion: str) -> str:
    """Return the identity of a raw completion of a task: equal for equal texts only."""
    return digest("completion", task_id, completion)


def verify_testbench(
    candidates: Iterable[Candidate],
    tasks: Iterable[Task] | Mapping[str, Task],
    settings: VerifySettings = VerifySettings(),  # noqa: B008 - frozen
    *,
    done: Iterable[TestbenchVerdict] = (),
) -> Iterator[TestbenchVerdict]:
    """Yield one verdict for each distinct completion among `candidates`, except those in `done`.

    Raises MissingToolError where Icarus Verilog is not installed, ConfigError for a rule that cannot be imported,
    DataError for a candidate of an unknown task or of a task without a testbench.
    """
    find_tools()
    known = tasks if isinstance(tasks, Mapping) else {t.id: t for t in tasks}
    for rule in {task.rule for task in known.values()}:
        rule_of(rule)
    return _stream(iter(candidates), known, settings, {(v.task_id, v.completion_id) for v in done})


def check_golden_bench(task: Task, settings: VerifySettings = VerifySettings()) -> str:  # noqa: B008 - frozen
    """Return "" if the reference of `task` passes the suite's bench on the installed tools, else why it does not."""
    with tempfile.TemporaryDirectory(prefix=own_prefix(), dir=scratch(), ignore_cleanup_errors=True) as folder:
        return check_golden(task, settings, open_shop(Path(folder)))


def _stream(
    source: Iterator[Candidate], tasks: Mapping[str, Task], settings: VerifySettings, seen: set[Key]
) -> Iterator[TestbenchVerdict]:
    modules = sorted({t.rule.partition(":")[0] for t in tasks.values() if t.rule})
    with Pool[Verdict](settings, modules) as pool:
        stream = _Stream(settings, pool)
        exhausted = False
        while not exhausted or stream.waiting:
            stream.take(pool.collect(0.0))
            if (verdict := stream.next_verdict()) is not None:
                yield verdict
            elif exhausted or len(stream.waiting) >= settings.in_flight:
                stream.flush()
                stream.take(pool.collect(None))
            elif (candidate := next(source, None)) is None:
                exhausted = True
            else:
                key = candidate.task_id, completion_id(candidate.task_id, candidate.completion)
                if key not in seen:
                    seen.add(key)
                    stream.add(candidate, key, _task(tasks, candidate))


def _task(tasks: Mapping[str, Task], candidate: Candidate) -> Task:
    task = tasks.get(candidate.task_id)
    if task is None:
        raise DataError(f"candidate of task {candidate.task_id!r}, which is not among the {len(tasks)} tasks given")
    if not task.testbench:
        raise DataError(f"the task {task.id!r} has no testbench; verify it against its reference with itertl.verify")
    return task


@dataclasses.dataclass(slots=True)
class _Stream:
    """What has been pulled and not yet yielded: keys in order, both kinds of verdicts by key, the batches."""

    settings: VerifySettings
    pool: Pool[Verdict]
    waiting: deque[tuple[Key, Key]] = dataclasses.field(default_factory=deque)
    ready: dict[Key, Verdict] = dataclasses.field(default_factory=dict)
    designs: set[Key] = dataclasses.field(default_factory=set)
    task: Task | None = None
    batches: dict[Bench, list[tuple[str, str]]] = dataclasses.field(
        default_factory=lambda: {"official": [], "strict": []}
    )

    def add(self, candidate: Candidate, key: Key, task: Task) -> None:
        """Put a completion, and its design unless that is known, into the batches of its task."""
        design = candidate.task_id, candidate.code_id
        self.waiting.append((key, design))
        if self.task is not None and self.task.id != task.id:
            self.flush()
        self.task = task
        self._put("official", key, candidate.completion)
        if not candidate.code:
            self.ready[design] = Verdict(*design, Outcome.EMPTY, detail=why_empty(candidate.completion))
        elif design not in self.designs:
            self._put("strict", design, candidate.code)
        self.designs.add(design)

    def _put(self, bench: Bench, key: Key, text: str) -> None:
        self.batches[bench].append((key[1], text))
        if len(self.batches[bench]) >= self.settings.batch:
            self._send(bench)

    def flush(self) -> None:
        """Hand the batches being filled to the workers."""
        self._send("official")
        self._send("strict")

    def _send(self, bench: Bench) -> None:
        if self.task is not None and self.batches[bench]:
            self.pool.submit(Job(self.task, tuple(self.batches[bench]), self.settings, bench=bench))
            self.batches[bench] = []

    def take(self, verdicts: Iterable[Verdict]) -> None:
        """Keep verdicts until it is their turn; those on designs for as long as completions may repeat them."""
        self.ready.update({(v.task_id, v.code_id): v for v in verdicts})

    def next_verdict(self) -> TestbenchVerdict | None:
        """Return the verdict whose turn it is, or None if one half of it has not arrived."""
        if not self.waiting or any(key not in self.ready for key in self.waiting[0]):
            return None
        key, design = self.waiting.popleft()
        official, strict = self.ready.pop(key), self.ready[design]
        counts = self.pool.counts.get(design, (0, 0))
        samples, mismatches = counts if counts[0] else self.pool.counts.get(key, (0, 0))
        return TestbenchVerdict(
            task_id=key[0],
            completion_id=key[1],
            code_id=design[1],
            official=official.outcome,
            strict=strict.outcome,
            samples=samples,
            mismatches=mismatches,
            official_detail=official.detail,
            strict_detail=strict.detail,
            seconds=official.seconds + strict.seconds,
            tools=official.tools or strict.tools,
            sandbox=official.sandbox or strict.sandbox,
            reason=strict.reason,
        )
