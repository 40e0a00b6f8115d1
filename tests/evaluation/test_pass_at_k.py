"""pass@k against brute force, intervals against simulation, the paired test against known cases."""

import itertools
import math

import numpy as np
import pytest

from itertl.evaluation.pass_at_k import (
    RESAMPLES,
    estimate,
    estimate_pass_at,
    interval,
    paired_difference,
    pass_at_k,
    sampling_error,
)

TRIALS = 1000


@pytest.mark.parametrize("n", [1, 3, 6])
def test_pass_at_k_equals_counting_all_subsets(n: int) -> None:
    for c in range(n + 1):
        for k in range(1, n + 1):
            subsets = list(itertools.combinations([1] * c + [0] * (n - c), k))
            assert pass_at_k(n, c, k) == pytest.approx(sum(any(s) for s in subsets) / len(subsets))


def test_pass_at_k_refuses_fewer_samples_than_k() -> None:
    with pytest.raises(ValueError, match="pass@5 needs at least 5 samples, found 4"):
        pass_at_k(4, 1, 5)


@pytest.mark.parametrize(
    ("problems", "samples", "k", "shape"),
    [(156, 1, 1, (0.4, 0.4)), (156, 20, 1, (0.3, 1.5)), (156, 20, 5, (0.4, 0.4)), (50, 5, 1, (1.5, 0.5))],
)
def test_intervals_hold_the_truth_in_95_of_100_studies(
    problems: int, samples: int, k: int, shape: tuple[float, float]
) -> None:
    rng = np.random.default_rng(5)
    truth = float((1 - (1 - rng.beta(*shape, 1_000_000)) ** k).mean())
    held, alone = 0, 0
    for trial in range(TRIALS):
        p_P = rng.beta(*shape, problems)
        counts = [(samples, int(c)) for c in rng.binomial(samples, p_P)]
        values = np.array([pass_at_k(n, c, k) for n, c in counts])
        low, high = interval(values, trial, 1000)
        held += low <= truth <= high
        reach = sampling_error(counts, k)
        alone += reach is not None and abs(values.mean() - (1 - (1 - p_P) ** k).mean()) <= reach
    assert 0.93 <= held / TRIALS <= 0.97
    if samples > k:
        assert 0.93 <= alone / TRIALS <= 0.97


def test_the_interval_of_a_difference_holds_the_truth_for_few_problems_too() -> None:
    rng = np.random.default_rng(6)
    held = 0
    for trial in range(TRIALS):
        p_P = rng.beta(0.4, 0.4, 50)
        change_P = (rng.binomial(10, p_P + 0.1 * (1 - p_P)) - rng.binomial(10, p_P)) / 10
        low, high = interval(change_P, trial, 1000)
        held += low <= 0.05 <= high
    assert 0.93 <= held / TRIALS <= 0.97


def test_more_problems_than_fit_into_a_block_give_the_same_kind_of_interval() -> None:
    values = np.random.default_rng(0).random(3000)
    found = estimate(values.tolist())
    half = 1.96 * values.std() / math.sqrt(3000)
    assert RESAMPLES * 3000 > 4_000_000
    assert found.low == pytest.approx(found.value - half, abs=5e-4)
    assert found.high == pytest.approx(found.value + half, abs=5e-4)


def test_an_interval_is_not_a_point_when_all_problems_agree() -> None:
    nothing, everything = estimate([0.0] * 156), estimate([1.0] * 156)
    assert (nothing.value, nothing.low) == (0.0, 0.0)
    assert nothing.high == pytest.approx(0.0234, abs=2e-4)
    assert everything.low == pytest.approx(1 - nothing.high)
    assert interval(np.full(9, 0.3)) == pytest.approx((0.3, 0.3))


def test_a_single_problem_says_nothing_about_others() -> None:
    alone = estimate([0.25])
    assert (alone.value, alone.low, alone.high) == (0.25, 0.0, 1.0)
    assert estimate([1.0]).low == pytest.approx(0.025)


def test_the_samples_alone_leave_nothing_open_where_all_agree_and_are_unknown_for_one() -> None:
    assert sampling_error([(5, 5), (5, 0)], 1) == 0.0
    assert sampling_error([(1, 1), (1, 0)], 1) is None
    assert sampling_error([(10, 4)], 1) == pytest.approx(1.96 * math.sqrt(0.4 * 0.6 / 9), abs=1e-4)
    found = estimate_pass_at([(5, 2), (5, 5), (3, 1)], 5)
    assert found is not None
    assert (found.value, found.sampling) == (1.0, None)
    assert estimate_pass_at([(3, 1)], 5) is None


def test_paired_test_finds_a_difference_and_is_honest_about_none() -> None:
    rng = np.random.default_rng(2)
    a = rng.random(200)
    better = paired_difference(a.tolist(), (a + 0.05 + 0.1 * rng.standard_normal(200)).tolist())
    assert better.p < 0.001
    assert 0.02 < better.low < better.value < better.high < 0.08
    same = paired_difference(a.tolist(), a.tolist())
    assert (same.value, same.low, same.high, same.p) == (0.0, 0.0, 0.0, 1.0)


def test_paired_test_rejects_as_often_as_it_says_under_no_difference() -> None:
    rng = np.random.default_rng(3)
    rejected = sum(paired_difference([0.0] * 60, rng.standard_normal(60).tolist(), seed=i).p < 0.05 for i in range(300))
    assert 0.02 <= rejected / 300 <= 0.085


def test_paired_test_needs_the_same_problems() -> None:
    with pytest.raises(ValueError, match="same problems"):
        paired_difference([1.0], [1.0, 0.0])
