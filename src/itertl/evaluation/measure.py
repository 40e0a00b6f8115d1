"""How good a policy is on a suite: pass@k with intervals over problems, and the mix of outcomes.

A sample that could not be verified because a tool failed is missing, never wrong: it is left out of its problem's n
and counted apart.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from itertl.evaluation.pass_at_k import Difference, Estimate, estimate_pass_at, paired_difference
from itertl.outcome import Outcome
from itertl.records import Candidate, Record, Task, Verdict

KS = (1, 5, 10)


@dataclass(frozen=True)
class Evaluation(Record):
    """The measurement of one policy on one suite.

    `pass_at` maps k to its estimate; `outcomes` maps an outcome to its share of the verified samples; `per_problem`
    maps a task to [n, c]; `missing` counts samples that were not drawn, or not verified, `unsupported` those that are
    legal and beyond the simulator: like missing ones they leave n, and are never wrong.
    """

    suite: str
    policy: str
    samples: int
    problems: int
    pass_at: Mapping[str, Estimate]
    outcomes: Mapping[str, float]
    per_problem: Mapping[str, Sequence[int]]
    missing: int = 0
    unsupported: int = 0

    def value(self, k: int = 1) -> float:
        """Return pass@k; nan where no problem has k samples."""
        return self.pass_at[str(k)].value if str(k) in self.pass_at else float("nan")

    def rates(self) -> dict[str, float]:
        """Return the share of right samples of each problem."""
        return {task: c / n for task, (n, c) in self.per_problem.items() if n}


@dataclass(frozen=True)
class Comparison(Record):
    """The end of a run: the iteration that dev chose, evaluations by suite and arm, and what the loop gained.

    `gains` maps a suite to the paired difference of pass@1, best iteration minus warm start.
    """

    best_iteration: int
    evaluations: Mapping[str, Mapping[str, Evaluation]]
    gains: Mapping[str, Difference]


def measure(
    suite: str,
    tasks: Iterable[Task],
    candidates: Iterable[Candidate],
    verdicts: Iterable[Verdict],
    wanted: int | None = None,
) -> Evaluation:
    """Return the evaluation of `candidates`, all drawn by one policy for the tasks of `suite`; see `count`."""
    found = {(verdict.task_id, verdict.code_id): verdict.outcome for verdict in verdicts}
    return count(suite, tasks, ((c, found.get((c.task_id, c.code_id))) for c in candidates), wanted)


def count(
    suite: str, tasks: Iterable[Task], drawn: Iterable[tuple[Candidate, Outcome | None]], wanted: int | None = None
) -> Evaluation:
    """Return the evaluation of candidates with their outcomes, None where there is no verdict.

    `wanted` is the number of samples that each problem was to have: those that are not among `drawn` are missing.
    """
    counts = {task.id: [0, 0] for task in tasks}
    rows: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    policy, unsupported = "", 0
    for candidate, outcome in drawn:
        policy = candidate.policy
        rows[candidate.task_id] += 1
        if not candidate.missing and outcome is Outcome.UNSUPPORTED:
            unsupported += 1
        if candidate.missing or outcome is None or not outcome.judged:
            continue
        outcomes[outcome.value] += 1
        counts[candidate.task_id][0] += 1
        counts[candidate.task_id][1] += outcome is Outcome.PASSED
    verified = outcomes.total()
    return Evaluation(
        suite=suite,
        policy=policy,
        samples=max((n for n, _ in counts.values()), default=0),
        problems=len(counts),
        pass_at={str(k): found for k in KS if (found := estimate_pass_at(list(counts.values()), k))},
        outcomes={o.value: round(outcomes[o.value] / verified, 6) for o in Outcome if outcomes[o.value]},
        per_problem=counts,
        missing=sum(max(rows[name], wanted or 0) for name in counts) - verified - unsupported,
        unsupported=unsupported,
    )


def best_of(scores: Sequence[float]) -> int:
    """Return the index of the highest score, the earliest among equals; the last one where none was measured."""
    measured = [t for t, score in enumerate(scores) if not math.isnan(score)]
    return max(measured, key=lambda t: scores[t]) if measured else len(scores) - 1


def falls(scores: Sequence[float]) -> int:
    """Return how many times in a row the scores have fallen up to the last one."""
    count = 0
    for before, after in zip(scores[-2::-1], scores[:0:-1], strict=True):
        if not after < before:
            break
        count += 1
    return count


def compare_arms(best: int, evaluations: Mapping[str, Mapping[str, Evaluation]]) -> Comparison:
    """Put the evaluations of a run's arms side by side."""
    return Comparison(
        best_iteration=best,
        evaluations=evaluations,
        gains={suite: gain(arms["warm_start"], arms["best"]) for suite, arms in evaluations.items()},
    )


def gain(before: Evaluation, after: Evaluation) -> Difference:
    """Return the paired difference of pass@1 over the problems that both evaluations measured."""
    a, b = before.rates(), after.rates()
    shared = [task for task in a if task in b]
    return paired_difference([a[task] for task in shared], [b[task] for task in shared])
