"""A published suite's evaluation: official and strict verdicts side by side, with and without known defects.

judged = store.stage(JUDGED, by_testbench, candidates, tasks, config.verify)
rows   = store.stage(ROWS, row_verdicts, candidates, judged)             # a line for each candidate, in order
result = store.stage(RESULT, summarise, suite, tasks, candidates, judged)
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from itertl.artefacts import Rows, Value
from itertl.config import VerifyConfig
from itertl.environment import describe_environment
from itertl.errors import ToolError
from itertl.evaluation.known_defects import unfair_problems
from itertl.evaluation.measure import Evaluation, count
from itertl.progress import progress
from itertl.records import Candidate, Outcome, Record, Task, TestbenchVerdict, Verdict, digest
from itertl.verify.official.verdicts import completion_id, verify_testbench
from itertl.verify.stage import FEW, settings_from

HEADER_IS_PASTED = ("verilogeval-v1-human", "verilogeval-v1-machine", "verilogeval-v2-code-complete")
_NO_SYNTAX = (Outcome.EMPTY, Outcome.SYNTAX_ERROR)
_SIMULATED = (Outcome.TIMEOUT, Outcome.OUTPUT_LIMIT, Outcome.MISMATCH, Outcome.PASSED)


@dataclass(frozen=True)
class RowVerdict(Record):
    """Both outcomes of one candidate; `official` is None for a suite without a testbench of its own."""

    task_id: str
    index: int
    official: str | None
    strict: str


@dataclass(frozen=True)
class Result(Record):
    """What `itertl eval` found out, with what someone else needs to replay it.

    `strict` and `official` are evaluations as dictionaries; `without_defects` holds both again, for the problems on
    which no right answer can fail. `dataset` identifies all that the suite's tasks consist of, `candidates` all
    completions in their order. `syntax` and `elaboration` are shares of the candidates, by the strict verdict.
    `short` counts the problems with fewer verified samples than others have, for whatever reason; with one of those
    the result is not `complete`.
    """

    suite: str
    dataset: str
    candidates: str
    rows: int
    complete: bool
    short: int
    strict: Mapping[str, Any]
    official: Mapping[str, Any] | None = None
    without_defects: Mapping[str, Any] | None = None
    syntax: float = 0.0
    elaboration: float = 0.0
    no_strict: tuple[str, ...] = ()  # problems whose golden does not pass the suite's bench on these tools
    tools: str = ""
    sandbox: str = ""
    itertl: str = ""


JUDGED = Rows("testbench.jsonl", TestbenchVerdict)
ROWS = Rows("verdicts.jsonl", RowVerdict)
RESULT = Value("result.json", Result)


def answers(candidates: Iterable[Candidate], tasks: Sequence[Task]) -> Iterator[Candidate]:
    """Yield candidates as the suite's harness expects them: with the header that their prompt ended with in front.

    Where the harness pastes the header itself they stay as they are.
    """
    known = {task.id: task for task in tasks}
    for candidate in candidates:
        task = known[candidate.task_id]
        continued = candidate.prompt.rstrip().endswith(task.header.rstrip()) and task.header != ""
        if continued and task.suite not in HEADER_IS_PASTED:
            yield replace(candidate, completion=f"{task.header}{candidate.completion}")
        else:
            yield candidate


def by_testbench(
    candidates: Iterable[Candidate],
    tasks: Sequence[Task],
    config: VerifyConfig,
    *,
    done: Sequence[TestbenchVerdict] = (),
) -> Iterator[TestbenchVerdict]:
    """Yield one verdict for each distinct completion, after the ones in `done`.

    Raise ToolError where more than `tool_error_share` of them are the tools' failures. Problems whose golden does not
    pass the suite's bench are not among these: that is the suite's defect.
    """
    total, failed, last = len(done), sum(_failed(v) for v in done), ""
    with progress("running testbenches", None) as advance:
        for verdict in verify_testbench(answers(candidates, tasks), tasks, settings_from(config), done=done):
            total += 1
            if _failed(verdict):
                failed, last = failed + 1, verdict.detail
            advance(1)
            yield verdict
    if failed > max(FEW, config.tool_error_share * total):
        raise ToolError(
            f"{failed} of {total} verdicts are tool errors, more than verify.tool_error_share="
            f"{config.tool_error_share}; last one: {last}; run `itertl doctor`, then the same command again"
        )


def _failed(verdict: TestbenchVerdict) -> bool:
    return verdict.golden and Outcome.TOOL_ERROR in (verdict.official, verdict.strict)


def strict_verdicts(judged: Iterable[TestbenchVerdict], *, done: Sequence[Verdict] = ()) -> Iterator[Verdict]:
    """Yield the strict verdict on each distinct design, after the ones in `done`."""
    seen = {(v.task_id, v.code_id) for v in done}
    for v in judged:
        if (v.task_id, v.code_id) not in seen:
            seen.add((v.task_id, v.code_id))
            agreement = 1.0 - v.mismatches / v.samples if v.samples else float(v.strict is Outcome.PASSED)
            yield Verdict(v.task_id, v.code_id, v.strict, agreement, v.detail, v.seconds, v.tools, v.sandbox)


def row_verdicts(
    candidates: Iterable[Candidate],
    tasks: Sequence[Task],
    judged: Iterable[TestbenchVerdict],
    *,
    done: Sequence[RowVerdict] = (),
) -> Iterator[RowVerdict]:
    """Yield both outcomes of every candidate, in order, after the ones in `done`."""
    find = _finder(judged)
    for number, candidate in enumerate(answers(candidates, tasks)):
        if number >= len(done):
            v = find(candidate)
            yield RowVerdict(candidate.task_id, candidate.index, v.official.value, v.strict.value)


def rows_by_reference(
    candidates: Iterable[Candidate], verdicts: Iterable[Verdict], *, done: Sequence[RowVerdict] = ()
) -> Iterator[RowVerdict]:
    """Yield the outcome of every candidate of a suite without a testbench, in order, after the ones in `done`."""
    found = {(v.task_id, v.code_id): v.outcome for v in verdicts}
    for number, c in enumerate(candidates):
        if number >= len(done):
            yield RowVerdict(c.task_id, c.index, None, found[c.task_id, c.code_id].value)


def summarise(
    suite: str, tasks: Sequence[Task], candidates: Iterable[Candidate], judged: Iterable[TestbenchVerdict]
) -> Result:
    """Return the result of a suite with a testbench."""
    drawn = list(answers(candidates, tasks))
    verdicts = list(judged)
    find = _finder(verdicts)
    strict = count(suite, tasks, ((c, find(c).strict) for c in drawn))
    official = count(suite, tasks, ((c, find(c).official) for c in drawn))
    unfair = unfair_problems(suite)
    kept = [t for t in tasks if t.id not in unfair]
    few = [c for c in drawn if c.task_id not in unfair]
    fair = {
        "left_out": sorted(t.id for t in tasks if t.id in unfair),
        "strict": count(suite, kept, ((c, find(c).strict) for c in few)).to_dict(),
        "official": count(suite, kept, ((c, find(c).official) for c in few)).to_dict(),
    }
    return replace(
        _result(suite, tasks, drawn, strict),
        official=official.to_dict(),
        without_defects=fair,
        no_strict=tuple(sorted({v.task_id for v in verdicts if not v.golden})),
        tools=next((v.tools for v in verdicts if v.tools), ""),
        sandbox=next((v.sandbox for v in verdicts if v.sandbox), ""),
    )


def summarise_reference(
    tasks: Sequence[Task], candidates: Iterable[Candidate], verdicts: Iterable[Verdict], evaluation: Evaluation
) -> Result:
    """Return the result of a suite whose verdicts come from the reference alone."""
    some = next((v for v in verdicts if v.tools), None)
    result = _result(evaluation.suite, tasks, list(candidates), evaluation)
    return replace(result, tools=some.tools if some else "", sandbox=some.sandbox if some else "")


def _result(suite: str, tasks: Sequence[Task], drawn: Sequence[Candidate], strict: Evaluation) -> Result:
    def share(outcomes: Sequence[Outcome]) -> float:
        return round(sum(strict.outcomes.get(o.value, 0.0) for o in outcomes), 6)

    short = sum(n < strict.samples for n, _ in strict.per_problem.values())
    return Result(
        suite=suite,
        dataset=digest(*(t.to_json() for t in tasks)),
        candidates=digest(*(f"{c.task_id} {c.completion}" for c in drawn)),
        rows=len(drawn),
        complete=strict.missing == 0 and short == 0,
        short=short,
        strict=strict.to_dict(),
        syntax=round(1.0 - share(_NO_SYNTAX), 6) if strict.outcomes else 0.0,
        elaboration=share(_SIMULATED),
        itertl=describe_environment()["packages"].get("itertl", ""),
    )


def _finder(judged: Iterable[TestbenchVerdict]) -> Callable[[Candidate], TestbenchVerdict]:
    found = {(v.task_id, v.completion_id): v for v in judged}
    return lambda c: found[c.task_id, completion_id(c.task_id, c.completion)]
