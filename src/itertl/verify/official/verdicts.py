"""`verify_testbench`: designs in, verdicts of the suite's own testbench out, the suite's rule and ours side by side.

    for verdict in verify_testbench(designs, tasks): print(verdict.official, verdict.strict)

A task's `rule` says how its bench is run and read (itertl.verify.official.rules). There is one verdict for each
distinct completion of a task, in the order of first appearance: `official` may depend on every character of it,
`strict` only on the extracted design, which is run once however many completions hold it. Streams like `itertl.verify`,
in the same worker processes.
"""

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from itertl.disk.index import Index
from itertl.errors import DataError
from itertl.identity import digest
from itertl.outcome import Outcome
from itertl.records import Candidate, Submission, Task, TestbenchVerdict, Verdict
from itertl.tools.icarus import find_tools, open_shop, own_prefix, scratch
from itertl.verify.judged import Judged
from itertl.verify.official.bench import bench_fault
from itertl.verify.official.rules import rule_of
from itertl.verify.settings import VerifySettings
from itertl.verify.workers.choice import open_pool
from itertl.verify.workers.stream import Desk, Judges, Key, answered, name_of, submissions, task_of
from itertl.verilog.extract import why_empty


def completion_id(task_id: str, completion: str) -> str:
    """Return the identity of a raw completion of a task: equal for equal texts only."""
    return digest("completion", task_id, completion)


def verify_testbench(
    designs: Iterable[Submission | Candidate],
    tasks: Iterable[Task] | Mapping[str, Task],
    settings: VerifySettings = VerifySettings(),  # noqa: B008 - frozen
    *,
    done: Iterable[TestbenchVerdict] = (),
) -> Iterator[TestbenchVerdict]:
    """Yield one verdict for each distinct completion among `designs`, except those in `done`.

    Raises MissingToolError where Icarus Verilog is not installed, ConfigError for a rule that cannot be imported,
    DataError for a design of an unknown task or of a task without a testbench.
    """
    find_tools()
    known = tasks if isinstance(tasks, Mapping) else {t.id: t for t in tasks}
    for rule in {task.rule for task in known.values()}:
        rule_of(rule)
    return _stream(designs, known, settings, Index.of(name_of((v.task_id, v.completion_id)) for v in done))


def check_bench(task: Task, settings: VerifySettings = VerifySettings()) -> str:  # noqa: B008 - frozen
    """Return "" if the reference of `task` passes the suite's bench on the installed tools, else why it does not."""
    with tempfile.TemporaryDirectory(prefix=own_prefix(), dir=scratch(), ignore_cleanup_errors=True) as folder:
        return bench_fault(task, settings, open_shop(Path(folder)))


def _stream(
    handed: Iterable[Submission | Candidate], tasks: Mapping[str, Task], settings: VerifySettings, seen: Index
) -> Iterator[TestbenchVerdict]:
    modules = sorted({t.rule.partition(":")[0] for t in tasks.values() if t.rule})
    judges: Judges[Verdict] = open_pool(settings, modules)
    with judges as pool:
        desk = Desk(pool, settings, settings.batch)

        def ask(design: Submission) -> tuple[Key, ...]:
            task = _task(tasks, design)
            official = desk.ask(task, _key(design)[1], design.text, "official")
            if design.code:
                return official, desk.ask(task, design.code_id, design.code, "strict")
            why = why_empty(design.text)
            return official, desk.settle(Verdict(task.id, design.code_id, Outcome.EMPTY, detail=why))

        def tell(design: Submission) -> TestbenchVerdict:
            strict = desk.answers[design.task_id, design.code_id]  # which other completions may hold, too
            return _both(_key(design), desk.answers.pop(_key(design)), strict)

        yield from answered(submissions(handed, seen, _key), desk, ask, tell)


def _key(design: Submission) -> Key:
    return design.task_id, completion_id(design.task_id, design.text)


def _task(tasks: Mapping[str, Task], design: Submission) -> Task:
    task = task_of(design, tasks)
    if not task.testbench:
        raise DataError(f"the task {task.id!r} has no testbench; verify it against its reference with itertl.verify")
    return task


def _both(key: Key, official: Judged[Verdict], strict: Judged[Verdict]) -> TestbenchVerdict:
    counted = strict if strict.samples else official
    return TestbenchVerdict(
        task_id=key[0],
        completion_id=key[1],
        code_id=strict.verdict.code_id,
        official=official.verdict.outcome,
        strict=strict.verdict.outcome,
        samples=counted.samples,
        mismatches=counted.mismatches,
        official_detail=official.verdict.detail,
        strict_detail=strict.verdict.detail,
        seconds=official.verdict.seconds + strict.verdict.seconds,
        tools=official.verdict.tools or strict.verdict.tools,
        sandbox=official.verdict.sandbox or strict.verdict.sandbox,
        reason=strict.verdict.reason,
    )
