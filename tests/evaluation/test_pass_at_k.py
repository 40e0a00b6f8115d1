"""pass@k against brute force, intervals against simulation, the paired test against known cases."""

import itertools

import numpy as np
import pytest

from itertl.evaluation.pass_at_k import estimate, paired_difference, pass_at_k


@pytest.mark.parametrize("n", [1, 3, 6])
def test_pass_at_k_equals_counting_all_subsets(n: int) -> None:
    for c in range(n + 1):
        for k in range(1, n + 1):
            subsets = list(itertools.combinations([1] * c + [0] * (n - c), k))
            assert pass_at_k(n, c, k) == pytest.approx(sum(any(s) for s in subsets) / len(subsets))


def test_pass_at_k_refuses_fewer_samples_than_k() -> None:
    with pytest.raises(ValueError, match="pass@5 needs at least 5 samples, found 4"):
        pass_at_k(4, 1, 5)


def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(1)
    truth, covered, trials = 0.5, 0, 300
    for trial in range(trials):
        rates = rng.binomial(8, rng.beta(1.0, 1.0, 100)) / 8
        interval = estimate(rates.tolist(), seed=trial)
        assert interval.low < interval.value < interval.high
        covered += interval.low <= truth <= interval.high
    assert 0.91 <= covered / trials <= 0.98


def test_an_interval_is_not_a_point_when_all_problems_agree() -> None:
    nothing, everything = estimate([0.0] * 156), estimate([1.0] * 156)
    assert (nothing.value, nothing.low) == (0.0, 0.0)
    assert nothing.high == pytest.approx(0.0234, abs=2e-4)
    assert everything.low == pytest.approx(1 - nothing.high)


def test_paired_test_finds_a_difference_and_is_honest_about_none() -> None:
    rng = np.random.default_rng(2)
    a = rng.random(200)
    better = paired_difference(a.tolist(), (a + 0.05 + 0.1 * rng.standard_normal(200)).tolist())
    assert better.p < 0.001
    assert 0.02 < better.low < better.value < better.high < 0.08
    same = paired_difference(a.tolist(), a.tolist())
    assert (same.value, same.p) == (0.0, 1.0)


def test_paired_test_rejects_as_often_as_it_says_under_no_difference() -> None:
    rng = np.random.default_rng(3)
    rejected = sum(paired_difference([0.0] * 60, rng.standard_normal(60).tolist(), seed=i).p < 0.05 for i in range(300))
    assert 0.02 <= rejected / 300 <= 0.085


def test_paired_test_needs_the_same_problems() -> None:
    with pytest.raises(ValueError, match="same problems"):
        paired_difference([1.0], [1.0, 0.0])
