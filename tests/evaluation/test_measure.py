"""Counting samples: shares, missing ones, and the comparison at the end of a run."""

import dataclasses

import pytest

from itertl.evaluation.measure import best_of, compare_arms, falls, measure
from itertl.outcome import Outcome
from itertl.records import Candidate, Task, Verdict

TASKS = [Task(name, "", "", "", "m") for name in "ab"]


def candidate(task: str, index: int, code: str) -> Candidate:
    return Candidate(task, 1, index, 0, "", code, code, code_id=code, policy="p")


CANDIDATES = [candidate("a", 0, "x"), candidate("a", 1, "x"), candidate("b", 0, "y"), candidate("b", 1, "z")]


def test_samples_that_share_code_share_its_verdict() -> None:
    verdicts = [
        Verdict("a", "x", Outcome.PASSED),
        Verdict("b", "y", Outcome.MISMATCH),
        Verdict("b", "z", Outcome.PASSED),
    ]
    result = measure("s", TASKS, CANDIDATES, verdicts)
    assert result.per_problem == {"a": [2, 2], "b": [2, 1]}
    assert result.value(1) == pytest.approx(0.75)
    assert set(result.pass_at) == {"1"}
    assert result.outcomes == {"mismatch": 0.25, "passed": 0.75}
    assert (result.samples, result.problems, result.missing, result.policy) == (2, 2, 0, "p")


def test_a_tool_error_or_a_missing_verdict_is_never_a_wrong_answer() -> None:
    verdicts = [Verdict("a", "x", Outcome.PASSED), Verdict("b", "y", Outcome.TOOL_ERROR)]
    result = measure("s", TASKS, CANDIDATES, verdicts)
    assert result.missing == 2
    assert result.per_problem == {"a": [2, 2], "b": [0, 0]}
    assert result.value(1) == 1.0
    assert result.rates() == {"a": 1.0}


def test_what_is_unsupported_is_counted_apart() -> None:
    verdicts = [
        Verdict("a", "x", Outcome.PASSED),
        Verdict("b", "y", Outcome.UNSUPPORTED),
        Verdict("b", "z", Outcome.PASSED),
    ]
    result = measure("s", TASKS, CANDIDATES, verdicts)
    assert (result.missing, result.unsupported) == (0, 1)
    assert result.per_problem == {"a": [2, 2], "b": [1, 1]}
    assert result.outcomes == {"passed": 1.0}


def test_samples_that_were_never_drawn_are_missing_and_a_problem_without_any_is_left_out() -> None:
    absent = dataclasses.replace(candidate("b", 0, "w"), finish_reason="missing")
    result = measure("s", TASKS, [candidate("a", 0, "x"), absent], [Verdict("a", "x", Outcome.PASSED)], wanted=3)
    assert result.missing == 5
    assert result.per_problem == {"a": [1, 1], "b": [0, 0]}
    assert result.value(1) == 1.0
    assert result.outcomes == {"passed": 1.0}


def test_the_gain_is_paired_over_problems() -> None:
    before = measure("s", TASKS, CANDIDATES, [Verdict("a", "x", Outcome.PASSED)])
    after = measure("s", TASKS, CANDIDATES, [Verdict("a", "x", Outcome.PASSED), Verdict("b", "y", Outcome.PASSED)])
    comparison = compare_arms(2, {"s": {"warm_start": before, "best": after, "last": after}})
    assert comparison.best_iteration == 2
    assert comparison.gains["s"].value == 0.0
    assert comparison.evaluations["s"]["best"].per_problem["b"] == [1, 1]


def test_the_best_iteration_is_the_earliest_of_the_highest_and_the_last_without_dev() -> None:
    assert best_of([0.1, 0.4, 0.4, 0.2]) == 1
    assert best_of([float("nan")] * 3) == 2


@pytest.mark.parametrize(
    ("scores", "expected"),
    [([0.5], 0), ([0.5, 0.4], 1), ([0.5, 0.4, 0.3], 2), ([0.5, 0.4, 0.4], 0), ([0.1, 0.5, 0.4], 1), ([], 0)],
)
def test_falls_count_backwards_from_the_last_score(scores: list[float], expected: int) -> None:
    assert falls(scores) == expected
    assert falls([*scores, float("nan")]) == 0
