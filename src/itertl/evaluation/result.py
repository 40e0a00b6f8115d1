"""The result of an evaluation: one JSON file with the figures and all that someone else needs to replay them.

result = store.stage(RESULT, summarise, sources, tasks, candidates, judged)         # a suite with testbenches
result = store.stage(RESULT, summarise_reference, sources, tasks, candidates, verdicts)
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from itertl.disk import names
from itertl.disk.artefacts import Value
from itertl.evaluation.benched import answers, finder
from itertl.evaluation.measure import Evaluation, count, measure
from itertl.evaluation.quality import Quality
from itertl.identity import digest
from itertl.machine.environment import describe_environment
from itertl.outcome import Outcome
from itertl.records import Candidate, Record, Task, TestbenchVerdict, Verdict
from itertl.suites.known_defects import unfair_problems
from itertl.verify.official.rules import rule_of
from itertl.verilog.extract import opens_module

Outcomes = Sequence[tuple[Candidate, Outcome | None]]  # None where nothing is said of a candidate
_NO_SYNTAX = (Outcome.EMPTY, Outcome.SYNTAX_ERROR)
_SIMULATED = (Outcome.TIMEOUT, Outcome.OUTPUT_LIMIT, Outcome.MISMATCH, Outcome.PASSED)
WHOLE_ANSWERS = (
    "{share} of the answers begin a module of their own; the suite's official rule pastes the header before every "
    "answer, and calls these syntax errors, however right."
)
JUDGED_WHOLE = (
    "official: an answer with a module of its own was judged without the header that the suite's rule pastes before it "
    "(--whole)."
)


@dataclass(frozen=True)
class Sources:
    """Where an evaluation's candidates come from.

    `settings` names the model and how it was drawn from, or the file of candidates; `config` is the whole config.
    `wanted` is the number of samples that each problem was to have, None where only the rows tell.
    """

    suite: str
    settings: Mapping[str, Any]
    config: Mapping[str, Any]
    wanted: int | None = None


@dataclass(frozen=True)
class WithoutDefects(Record):
    """Both evaluations without the problems on which a right answer can fail, which are `left_out`."""

    left_out: tuple[str, ...]
    strict: Evaluation
    official: Evaluation


@dataclass(frozen=True)
class Result(Record):
    """What `itertl eval` found out, with what someone else needs to replay it.

    `without_defects` holds both evaluations again, for the problems on which no right answer can fail. `dataset`
    identifies all that the suite's tasks consist of, `candidates` all
    completions in their order. `syntax` and `elaboration` are shares of the candidates, by the strict verdict.
    `short` counts the problems with fewer verified samples than they were to have, for whatever reason; with one of
    those the result is not `complete`. `own_module` is the share of answers that begin a module of their own, where the
    suite's rule pastes the header before all of them and so calls these syntax errors; None elsewhere. `quality` is
    what synthesis says, None where it was not asked.
    """

    suite: str
    dataset: str
    candidates: str
    rows: int
    complete: bool
    short: int
    strict: Evaluation
    official: Evaluation | None = None
    without_defects: WithoutDefects | None = None
    syntax: float = 0.0
    elaboration: float = 0.0
    quality: Quality | None = None
    own_module: float | None = None
    no_strict: tuple[str, ...] = ()  # left out of `strict`: their reference does not pass the suite's bench here
    settings: Mapping[str, Any] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    tools: str = ""
    sandbox: str = ""
    environment: Mapping[str, Any] = field(default_factory=dict)


RESULT = Value(names.RESULT, Result)


def summarise(
    sources: Sources,
    tasks: Sequence[Task],
    candidates: Iterable[Candidate],
    judged: Iterable[TestbenchVerdict],
    quality: Quality | None = None,
) -> Result:
    """Return the result of a suite that brings testbenches."""
    drawn, verdicts = list(candidates), list(judged)
    find = finder(verdicts)
    both = [(c, find(c)) for c in answers(drawn, tasks)]
    rules: dict[str, Outcomes] = {
        "strict": [(c, v.strict if v else None) for c, v in both],
        "official": [(c, v.official if v else None) for c, v in both],
    }
    unjudged = {v.task_id for v in verdicts if not v.reference_passes}
    strict = _count(sources, tasks, rules["strict"], unjudged)
    official = _count(sources, tasks, rules["official"])
    tools = next((v.tools for v in verdicts if v.tools), "")
    unfair = unfair_problems(sources.suite, tools)
    fair = WithoutDefects(
        left_out=tuple(sorted(t.id for t in tasks if t.id in unfair)),
        strict=_count(sources, tasks, rules["strict"], unjudged | unfair),
        official=_count(sources, tasks, rules["official"], unfair),
    )
    result = _result(sources, tasks, drawn, strict)
    return replace(
        result,
        complete=result.complete and official.missing == 0,
        official=official,
        without_defects=fair,
        quality=quality,
        own_module=_own_modules(tasks, drawn),
        no_strict=tuple(sorted(unjudged)),
        tools=tools,
        sandbox=next((v.sandbox for v in verdicts if v.sandbox), ""),
    )


def summarise_reference(
    sources: Sources,
    tasks: Sequence[Task],
    candidates: Iterable[Candidate],
    verdicts: Iterable[Verdict],
    quality: Quality | None = None,
) -> Result:
    """Return the result of a suite whose verdicts come from the reference alone."""
    drawn, said = list(candidates), list(verdicts)
    result = _result(sources, tasks, drawn, measure(sources.suite, tasks, drawn, said, sources.wanted))
    return replace(
        result,
        quality=quality,
        tools=next((v.tools for v in said if v.tools), ""),
        sandbox=next((v.sandbox for v in said if v.sandbox), ""),
    )


def _own_modules(tasks: Iterable[Task], drawn: Iterable[Candidate]) -> float | None:
    pasted = {task.id for task in tasks if rule_of(task.rule).whole}
    said = [c for c in drawn if c.task_id in pasted and not c.missing]
    return round(sum(opens_module(c.completion) for c in said) / len(said), 6) if said else None


def _count(
    sources: Sources, tasks: Iterable[Task], pairs: Outcomes, left_out: Collection[str] = frozenset()
) -> Evaluation:
    kept = [task for task in tasks if task.id not in left_out]
    return count(sources.suite, kept, ((c, o) for c, o in pairs if c.task_id not in left_out), sources.wanted)


def dataset_digest(tasks: Iterable[Task]) -> str:
    """Return what identifies a suite's tasks: every text in them counts."""
    return digest(*(task.to_json() for task in tasks))


def candidates_digest(drawn: Iterable[Candidate]) -> str:
    """Return what identifies the completions of an evaluation, in their order."""
    return digest(*(f"{c.task_id} {c.finish_reason if c.missing else c.completion}" for c in drawn))


def _result(sources: Sources, tasks: Sequence[Task], drawn: Sequence[Candidate], strict: Evaluation) -> Result:
    def share(outcomes: Sequence[Outcome]) -> float:
        return round(sum(strict.outcomes.get(o.value, 0.0) for o in outcomes), 6)

    full = sources.wanted or strict.samples
    short = sum(n < full for n, _ in strict.per_problem.values())
    return Result(
        suite=sources.suite,
        dataset=dataset_digest(tasks),
        candidates=candidates_digest(drawn),
        rows=len(drawn),
        complete=strict.missing == 0 and short == 0,
        short=short,
        strict=strict,
        syntax=round(1.0 - share(_NO_SYNTAX), 6) if strict.outcomes else 0.0,
        elaboration=share(_SIMULATED),
        settings=sources.settings,
        config=sources.config,
        environment=describe_environment(),
    )
