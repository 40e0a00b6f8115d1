"""Verdicts for an evaluation: of a suite's own testbench, official and strict side by side, or of the reference.

judged   = store.stage(JUDGED, by_testbench, candidates, tasks, config.verify)
verdicts = store.stage(VERDICTS, strict_verdicts, judged)
rows     = store.stage(ROWS, row_verdicts, candidates, tasks, judged)        # a line for each candidate, in order

A candidate that nobody answered has no verdict; its row says "missing".
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from itertl.config import VerifyConfig
from itertl.disk import names
from itertl.disk.artefacts import Rows
from itertl.outcome import Outcome
from itertl.progress import progress
from itertl.records import Candidate, Record, Task, TestbenchVerdict, Verdict
from itertl.verify.official.rules import rule_of
from itertl.verify.official.verdicts import completion_id, verify_testbench
from itertl.verify.stage import counted, settings_from
from itertl.verify.tool_errors import bounded

MISSING = "missing"
Finder = Callable[[Candidate], TestbenchVerdict | None]


@dataclass(frozen=True)
class RowVerdict(Record):
    """Both outcomes of one candidate, or "missing"; `official` is None for a suite without testbenches."""

    task_id: str
    index: int
    official: str | None
    strict: str


JUDGED = Rows(names.TESTBENCH, TestbenchVerdict)
ROWS = Rows(names.ROWS, RowVerdict)


def answers(candidates: Iterable[Candidate], tasks: Sequence[Task]) -> Iterator[Candidate]:
    """Yield candidates as the suite's harness expects them: with the header that their prompt ended with in front.

    Where the harness pastes the header itself they stay as they are.
    """
    known = {task.id: task for task in tasks}
    for candidate in candidates:
        task = known[candidate.task_id]
        continued = _solid(candidate.prompt).endswith(_solid(task.header)) and task.header != ""
        if continued and not rule_of(task.rule).pastes_header:
            yield replace(candidate, completion=f"{task.header}{candidate.completion}")
        else:
            yield candidate


def _solid(text: str) -> str:
    """Return `text` without blanks: prompts spell a model's control tokens with one more."""
    return "".join(text.split())


def by_testbench(
    candidates: Iterable[Candidate],
    tasks: Sequence[Task],
    config: VerifyConfig,
    *,
    done: Sequence[TestbenchVerdict] = (),
) -> Iterator[TestbenchVerdict]:
    """Yield one verdict for each distinct completion, after the ones in `done`.

    Tool errors among `done` are tried again; the later verdict counts. Raise ToolError where more than
    `tool_error_share` are the tools' failures, at the end, or as soon as there is nothing else any more. Problems whose
    reference does not pass the suite's bench are not among these: that is the suite's defect.
    """
    sound = [verdict for verdict in done if _fault(verdict) is None]
    with progress("running testbenches", None, unit="verdicts") as advance:
        advance.found(len(sound))
        told = counted(candidates, advance, lambda candidate: (candidate.task_id, candidate.completion))
        drawn, settings = answers(told, tasks), settings_from(config)
        found = verify_testbench(drawn, tasks, settings, done=sound)
        for verdict in bounded(found, config.tool_error_share, _fault, len(sound)):
            advance(1)
            yield verdict


def _fault(verdict: TestbenchVerdict) -> str | None:
    failed = verdict.reference_passes and Outcome.TOOL_ERROR in (verdict.official, verdict.strict)
    return verdict.detail if failed else None


def strict_verdicts(judged: Iterable[TestbenchVerdict], *, done: Sequence[Verdict] = ()) -> Iterator[Verdict]:
    """Yield the strict verdict on each distinct design, after the ones in `done`."""
    seen = {(v.task_id, v.code_id) for v in done}
    latest = {(v.task_id, v.completion_id): v for v in judged}
    for v in latest.values():
        if (v.task_id, v.code_id) not in seen:
            seen.add((v.task_id, v.code_id))
            agreement = 1.0 - v.mismatches / v.samples if v.samples else float(v.strict is Outcome.PASSED)
            evidence = (v.detail, v.seconds, v.tools, v.sandbox)
            yield Verdict(v.task_id, v.code_id, v.strict, agreement, *evidence, reason=v.reason)


def row_verdicts(
    candidates: Iterable[Candidate],
    tasks: Sequence[Task],
    judged: Iterable[TestbenchVerdict],
    *,
    done: Sequence[RowVerdict] = (),
) -> Iterator[RowVerdict]:
    """Yield both outcomes of every candidate, in order, after the ones in `done`."""
    find = finder(judged)
    for number, candidate in enumerate(answers(candidates, tasks)):
        if number >= len(done):
            v = find(candidate)
            official, strict = (v.official.value, v.strict.value) if v else (MISSING, MISSING)
            yield RowVerdict(candidate.task_id, candidate.index, official, strict)


def rows_by_reference(
    candidates: Iterable[Candidate], verdicts: Iterable[Verdict], *, done: Sequence[RowVerdict] = ()
) -> Iterator[RowVerdict]:
    """Yield the outcome of every candidate of a suite without testbenches, in order, after the ones in `done`."""
    found = {(v.task_id, v.code_id): v.outcome.value for v in verdicts}
    for number, c in enumerate(candidates):
        if number >= len(done):
            yield RowVerdict(c.task_id, c.index, None, MISSING if c.missing else found[c.task_id, c.code_id])


def finder(judged: Iterable[TestbenchVerdict]) -> Finder:
    """Return what finds the verdict on a candidate, None for one that nobody answered."""
    found = {(v.task_id, v.completion_id): v for v in judged}
    return lambda c: None if c.missing else found[c.task_id, completion_id(c.task_id, c.completion)]
