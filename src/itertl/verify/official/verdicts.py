"""`verify_testbench`: designs in, verdicts of the suite's own testbench out, the suite's rule and ours side by side.

    for verdict in verify_testbench(designs, tasks): print(verdict.official, verdict.strict)

A task's `rule` says how its bench is run and read (itertl.verify.official.rules). There is one verdict for each
distinct completion of a task, in the order of first appearance: `official` may depend on every character of it,
`strict` only on the extracted design, which is run once however many completions hold it. A bench in Python prints no
verdict and has no rule: both are the strict one then. Streams like `itertl.verify`, in the same worker processes.
"""

import dataclasses
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from itertl.disk.index import Index
from itertl.errors import DataError, ToolError
from itertl.identity import digest
from itertl.outcome import Outcome, Reason
from itertl.records import Candidate, Submission, Task, TestbenchVerdict, Verdict
from itertl.tools.cocotb import require_cocotb
from itertl.tools.shop import find_tools, open_shop, own_prefix, scratch
from itertl.verify.cocotb.bench import UNFIT
from itertl.verify.judged import Judged
from itertl.verify.official.bench import bench_fault
from itertl.verify.official.rules import rule_of
from itertl.verify.settings import VerifySettings
from itertl.verify.workers.choice import open_pool
from itertl.verify.workers.stream import Desk, Judges, Key, answered, name_of, submissions, task_of
from itertl.verilog.extract import why_empty
from itertl.verilog.tokens import spell


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

    Raises MissingToolError where Icarus Verilog, or cocotb for a bench in Python, is not installed, ConfigError for a
    rule that cannot be imported, DataError for a design of an unknown task or of a task without a testbench.
    """
    find_tools()
    known = tasks if isinstance(tasks, Mapping) else {t.id: t for t in tasks}
    for rule in {task.rule for task in known.values()}:
        rule_of(rule)
    require_cocotb(task.bench for task in known.values())
    return _stream(designs, known, settings, Index.of(name_of((v.task_id, v.completion_id)) for v in done))


def check_bench(task: Task, settings: VerifySettings = VerifySettings()) -> str:  # noqa: B008 - frozen
    """Return "" if the reference of `task` passes the suite's bench on the installed tools, else why it does not.

    A bench in Python is tried in a worker, confined; raise ToolError where that cannot be.
    """
    if task.bench == "cocotb":
        return _tried(task, settings)
    with tempfile.TemporaryDirectory(prefix=own_prefix(), dir=scratch(), ignore_cleanup_errors=True) as folder:
        return bench_fault(task, settings, open_shop(Path(folder)))


def _tried(task: Task, settings: VerifySettings) -> str:
    nothing = Submission.whole(task.id, f"module {spell(task.top)};\nendmodule\n")
    (verdict,) = verify_testbench([nothing], [task], dataclasses.replace(settings, workers=1, cache=False))
    if verdict.strict is Outcome.TOOL_ERROR and not unfit(verdict):
        raise ToolError(verdict.strict_detail)
    return unfit(verdict)


def unfit(verdict: TestbenchVerdict) -> str:
    """Return why a bench in Python cannot judge, as a verdict of it says, "" where it can."""
    return verdict.strict_detail.removeprefix(UNFIT) if verdict.reason is Reason.UNFIT_REFERENCE else ""


def _stream(
    handed: Iterable[Submission | Candidate], tasks: Mapping[str, Task], settings: VerifySettings, seen: Index
) -> Iterator[TestbenchVerdict]:
    modules = sorted({t.rule.partition(":")[0] for t in tasks.values() if t.rule})
    judges: Judges[Verdict] = open_pool(settings, modules)
    with judges as pool:
        desk = Desk(pool, settings, settings.batch)

        def ask(design: Submission) -> tuple[Key, ...]:
            task = _task(tasks, design)
            if task.bench == "cocotb":
                return (strict(task, design),)
            official = desk.ask(task, _key(design)[1], design.text, "official")
            return official, strict(task, design)

        def strict(task: Task, design: Submission) -> Key:
            if design.code:
                return desk.ask(task, design.code_id, design.code, "strict")
            why = why_empty(design.text)
            return desk.settle(Verdict(task.id, design.code_id, Outcome.EMPTY, detail=why))

        def tell(design: Submission) -> TestbenchVerdict:
            found = desk.answers[design.task_id, design.code_id]  # which other completions may hold, too
            return _both(_key(design), desk.answers.pop(_key(design), found), found)

        yield from answered(submissions(handed, seen, _key), desk, ask, tell)


def _key(design: Submission) -> Key:
    return design.task_id, completion_id(design.task_id, design.text)


def _task(tasks: Mapping[str, Task], design: Submission) -> Task:
    task = task_of(design, tasks)
    if not task.testbench:
        raise DataError(
            f"the task {task.id!r} has no testbench, or an empty one; judge it by its reference with itertl.verify"
        )
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
