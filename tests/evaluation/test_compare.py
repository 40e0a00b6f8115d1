"""The paired comparison: what flipped, what was left out, and how many problems a difference needs."""

import math

import numpy as np
import pytest

from itertl.errors import DataError
from itertl.evaluation.compare import compare, problems_needed
from itertl.evaluation.pass_at_k import paired_difference


def test_flips_are_the_problems_that_one_of_both_solves() -> None:
    before = {"a": [4, 4], "b": [4, 0], "c": [4, 1], "d": [4, 2], "gone": [4, 4]}
    after = {"a": [4, 0], "b": [4, 3], "c": [4, 1], "d": [4, 3], "new": [4, 4]}
    result = compare(before, after)
    assert [(flip.problem, flip.gained) for flip in result.flips] == [("a", False), ("b", True)]
    assert (result.problems, result.only_before, result.only_after) == (4, ("gone",), ("new",))
    assert result.difference.value == pytest.approx((-1 + 0.75 + 0 + 0.25) / 4)


def test_problems_without_a_verified_sample_do_not_count() -> None:
    result = compare({"a": [2, 1], "b": [0, 0]}, {"a": [2, 2], "b": [2, 2]})
    assert (result.problems, result.only_after) == (1, ("b",))


def test_results_of_different_suites_are_refused() -> None:
    with pytest.raises(DataError, match="no problem in common"):
        compare({"a": [1, 1]}, {"b": [1, 1]})


def test_the_number_of_problems_needed_gives_the_power_it_promises() -> None:
    rng = np.random.default_rng(4)
    count = int(problems_needed(0.1, 0.4))
    assert count == 126
    found = [
        paired_difference([0.0] * count, (0.1 + 0.4 * rng.standard_normal(count)).tolist(), seed=i).p < 0.05
        for i in range(120)
    ]
    assert 0.7 <= sum(found) / len(found) <= 0.9


def test_no_difference_needs_more_problems_than_there_are() -> None:
    result = compare({"a": [2, 1], "b": [2, 0]}, {"a": [2, 1], "b": [2, 0]})
    assert result.needed == math.inf
    assert result.detectable == 0.0
