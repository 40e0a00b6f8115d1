"""Quality beyond function: what Yosys makes of candidates that pass, beside the task's reference, above the noise.

    rows    = store.stage(SYNTHESES, synthesize_stage, candidates, tasks, verdicts, config.verify)
    found   = store.stage(QUALITY, quality, candidates, tasks, verdicts, rows)

Correctness first: a candidate that does not pass has no cells to speak of. The figure of a problem is the median over
its distinct passing candidates of candidate / reference; that of a suite is the geometric mean over problems. The noise
is what the tool makes of the same reference in other words (`verify.synthesis.rewording`): a candidate within the range
of its problem's rewordings is neither smaller nor larger.
"""

import contextlib
import math
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from itertl.config import VerifyConfig
from itertl.disk import names
from itertl.disk.artefacts import Rows, Value
from itertl.errors import DataError
from itertl.evaluation.pass_at_k import paired_difference
from itertl.outcome import Outcome
from itertl.progress import progress
from itertl.records import Candidate, Record, Submission, Synthesis, SynthesisStatus, Task, Verdict
from itertl.verify.stage import settings_from
from itertl.verify.synthesis.stream import synthesize
from itertl.verilog.extract import extract_module
from itertl.verilog.rewording import reworded

REWORDINGS = 4  # of each reference
MEASURES = ("cells", "transistors", "depth")
_ELABORATES = frozenset({Outcome.TIMEOUT, Outcome.OUTPUT_LIMIT, Outcome.MISMATCH, Outcome.PASSED})

Key = tuple[str, str]


@dataclass(frozen=True)
class Ratio(Record):
    """One measure of passing candidates over the reference's: the geometric mean over problems, with its interval.

    `problems` are averaged over; `undefined` have a reference or a candidate without any (wires have no cells).
    `smaller`, `within` and `larger` count problems by where their median candidate lies, seen from the range of the
    reference's rewordings. `floor` and `floor_median` are the largest and the median width of that range, as shares
    of the reference. Figures of no problem are None.
    """

    value: float | None
    low: float | None
    high: float | None
    problems: int
    undefined: int
    smaller: int
    within: int
    larger: int
    floor: float | None
    floor_median: float | None


@dataclass(frozen=True)
class Quality(Record):
    """What synthesis says of the candidates of a suite.

    `synthesizable` is a share of all `samples` but the `unknown` ones (a tool failed or cannot read them), `latched`
    the share of passing samples with more latches than their reference; None where there are none to count.
    `passing` problems have a passing candidate; `unmeasured` of these lack a synthesized one, or a reference.
    `ratios` has one for each of MEASURES.
    """

    samples: int
    unknown: int
    synthesizable: float | None
    latched: float | None
    passing: int
    unmeasured: int
    ratios: Mapping[str, Ratio]
    tools: tuple[str, ...] = ()


SYNTHESES = Rows(names.SYNTHESES, Synthesis)
QUALITY = Value(names.QUALITY, Quality)


@dataclass(frozen=True)
class _Problem:
    """What is known of one problem: its reference, all wordings of it, and its distinct passing candidates."""

    reference: Synthesis
    wordings: Sequence[Synthesis]
    candidates: Sequence[Synthesis]

    def median(self, measure: str) -> float:
        return float(statistics.median(getattr(c, measure) for c in self.candidates))

    def range(self, measure: str) -> tuple[int, int]:
        values = [getattr(w, measure) for w in self.wordings]
        return min(values), max(values)


def synthesize_stage(
    candidates: Iterable[Candidate],
    tasks: Sequence[Task],
    verdicts: Iterable[Verdict],
    config: VerifyConfig,
    *,
    done: Sequence[Synthesis] = (),
) -> Iterator[Synthesis]:
    """Yield what Yosys makes of references and candidates, one row for each distinct design, after those in `done`.

    These are the references of tasks with a passing candidate, each in `REWORDINGS` other wordings, too, and all
    candidates that elaborate. Raises MissingToolError where Yosys is not installed.
    """
    outcomes = _outcomes(verdicts)
    solved = {task_id for (task_id, _), outcome in outcomes.items() if outcome is Outcome.PASSED}
    with progress("synthesizing", None, unit="designs") as advance:
        designs = _designs(candidates, [t for t in tasks if t.id in solved and t.reference], outcomes)
        for row in synthesize(designs, tasks, settings_from(config), done=done):
            advance(1)
            yield row


def _designs(
    candidates: Iterable[Candidate], tasks: Iterable[Task], outcomes: Mapping[Key, Outcome]
) -> Iterator[Submission]:
    for task in tasks:
        yield from wordings(task)
    for c in candidates:
        if outcomes.get((c.task_id, c.code_id)) in _ELABORATES:
            yield c.submission


def wordings(task: Task) -> list[Submission]:
    """Return the reference of `task` and, behind it, the same in other words."""
    code = extract_module(task.reference, task.header, task.top)
    texts = [code]
    with contextlib.suppress(DataError):  # a suite's reference that only its own bench can read
        texts += [reworded(code, task.top, seed) for seed in range(1, REWORDINGS + 1)]
    return [Submission.whole(task.id, text) for text in texts]


def quality(
    candidates: Iterable[Candidate], tasks: Sequence[Task], verdicts: Iterable[Verdict], rows: Iterable[Synthesis]
) -> Quality:
    """Sum up `rows`, the result of `synthesize_stage` for the same candidates, tasks and verdicts."""
    outcomes = _outcomes(verdicts)
    found = {(row.task_id, row.code_id): row for row in rows}
    drawn = Counter((c.task_id, c.code_id) for c in candidates)
    passing = [key for key in drawn if outcomes.get(key) is Outcome.PASSED]
    problems = _problems(passing, tasks, found)
    hardware = unknown = 0
    for key, count in drawn.items():
        outcome = outcomes.get(key, Outcome.TOOL_ERROR)
        row = found.get(key) if outcome in _ELABORATES else None
        if not outcome.judged or (row is not None and row.status is SynthesisStatus.UNKNOWN):
            unknown += count
        elif row is not None and row.status is SynthesisStatus.SYNTHESIZABLE:
            hardware += count
    samples, solved = drawn.total(), {task_id for task_id, _ in passing}
    return Quality(
        samples=samples,
        unknown=unknown,
        synthesizable=_share(hardware, samples - unknown),
        latched=_latched(drawn, problems),
        passing=len(solved),
        unmeasured=len(solved) - len(problems),
        ratios={measure: _ratio(problems, measure) for measure in MEASURES},
        tools=tuple(sorted({r.tools for r in found.values() if r.tools and r.status is not SynthesisStatus.UNKNOWN})),
    )


def _outcomes(verdicts: Iterable[Verdict]) -> dict[Key, Outcome]:
    return {(v.task_id, v.code_id): v.outcome for v in verdicts}


def _problems(passing: Iterable[Key], tasks: Iterable[Task], found: Mapping[Key, Synthesis]) -> list[_Problem]:
    """Return the problems whose reference, and one passing candidate at least, have been synthesized."""
    by_task: dict[str, list[Synthesis]] = {}
    for key in passing:
        if (row := found.get(key)) is not None and row.status is SynthesisStatus.SYNTHESIZABLE:
            by_task.setdefault(key[0], []).append(row)
    problems = []
    for task in tasks:
        if task.id in by_task and task.reference:
            rows = [found.get((d.task_id, d.code_id)) for d in wordings(task)]
            known = [r for r in rows if r is not None and r.status is SynthesisStatus.SYNTHESIZABLE]
            if known and known[0] is rows[0]:
                problems.append(_Problem(known[0], known, by_task[task.id]))
    return problems


def _latched(drawn: Mapping[Key, int], problems: Sequence[_Problem]) -> float | None:
    """Return the share of passing samples that have more latches than their reference."""
    counted = latched = 0
    for problem in problems:
        for row in problem.candidates:
            count = drawn[row.task_id, row.code_id]
            counted += count
            latched += count if row.latches > problem.reference.latches else 0
    return _share(latched, counted)


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None


def _ratio(problems: Sequence[_Problem], measure: str) -> Ratio:
    references = [getattr(p.reference, measure) for p in problems]
    medians, ranges = [p.median(measure) for p in problems], [p.range(measure) for p in problems]
    both = [(r, m) for r, m in zip(references, medians, strict=True) if r and m]
    value = paired_difference([math.log(r) for r, _ in both], [math.log(m) for _, m in both])
    spreads = [(most - least) / r for r, (least, most) in zip(references, ranges, strict=True) if r]
    smaller = sum(m < least for m, (least, _) in zip(medians, ranges, strict=True))
    larger = sum(m > most for m, (_, most) in zip(medians, ranges, strict=True))
    mean, low, high = (round(math.exp(v), 6) if both else None for v in (value.value, value.low, value.high))
    return Ratio(
        value=mean,
        low=low,
        high=high,
        problems=len(both),
        undefined=len(problems) - len(both),
        smaller=smaller,
        within=len(problems) - smaller - larger,
        larger=larger,
        floor=round(max(spreads), 6) if spreads else None,
        floor_median=round(statistics.median(spreads), 6) if spreads else None,
    )
