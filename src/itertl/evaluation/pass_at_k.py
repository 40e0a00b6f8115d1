r"""pass@k: the chance that at least one of k samples is right, with what is uncertain about it.

    pass@k = mean over problems of 1 - C(n - c, k) / C(n, k)         n samples, c of them right

Unbiased for every n >= k (Chen et al. 2021, arXiv 2107.03374). Two things are uncertain. The interval `low` to `high`
asks how the value would move with other problems of the same kind (and other samples): a bootstrap over problems,
bias-corrected and accelerated (BCa, Efron 1987), because shares near 0 or 1 are skewed, and widened for few problems
(Hesterberg 2015). `sampling` asks how it would
move if the same problems were drawn again: half the width of a 95 % interval, from the samples alone.

    python benchmarks/interval_coverage.py         how often both hold what they promise
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from itertl.records import Record

RESAMPLES = 10_000
CONFIDENCE = 0.95
_BLOCK = 4_000_000  # resampled problems held in memory at once
_NORMAL = NormalDist()
_TAIL = (1.0 - CONFIDENCE) / 2
REACH = _NORMAL.inv_cdf(1.0 - _TAIL)  # standard errors from the middle of a 95 % interval to its ends

Values = np.ndarray[tuple[int], np.dtype[np.float64]]


@dataclass(frozen=True)
class Estimate(Record):
    """A mean over problems with its 95 % interval.

    `sampling` is the half-width that comes from the finite number of samples alone, None where it cannot be told.
    """

    value: float
    low: float
    high: float
    sampling: float | None = None


@dataclass(frozen=True)
class Difference(Record):
    """Mean difference b - a over paired problems, its 95 % interval, and the two-sided p-value of no difference."""

    value: float
    low: float
    high: float
    p: float


def pass_at_k(samples: int, right: int, k: int) -> float:
    """Return the unbiased estimate for one problem; raise ValueError where samples < k."""
    if samples < k:
        raise ValueError(f"pass@{k} needs at least {k} samples, found {samples}")
    return 1.0 - math.comb(samples - right, k) / math.comb(samples, k)


def estimate_pass_at(counts: Sequence[Sequence[int]], k: int) -> Estimate | None:
    """Return pass@k over the problems with at least k samples, None where there are none; `counts` holds [n, c]."""
    enough = [(n, c) for n, c in counts if n >= k]
    if not enough:
        return None
    found = estimate([pass_at_k(n, c, k) for n, c in enough])
    return Estimate(found.value, found.low, found.high, sampling_error(enough, k))


def sampling_error(counts: Sequence[Sequence[int]], k: int) -> float | None:
    """Return half the width of the 95 % interval of pass@k over the same problems with other samples.

    The variance of each problem's estimate is its jackknife over samples, for k = 1 the unbiased p (1 - p) / (n - 1)
    with p = c / n. None where some problem has k samples and no more: its estimate cannot vary in what is there.
    """
    if any(n <= k for n, _ in counts):
        return None
    variance = sum(_jackknife(n, c, k) for n, c in counts)
    return REACH * math.sqrt(variance) / len(counts)


def _jackknife(samples: int, right: int, k: int) -> float:
    """Return the variance of a problem's pass@k: (n - 1) / n * sum over samples of (without it - their mean)^2."""
    if right in (0, samples):
        return 0.0
    without_right, without_wrong = pass_at_k(samples - 1, right - 1, k), pass_at_k(samples - 1, right, k)
    wrong = samples - right
    mean = (right * without_right + wrong * without_wrong) / samples
    spread = right * (without_right - mean) ** 2 + wrong * (without_wrong - mean) ** 2
    return (samples - 1) / samples * spread


def estimate(values: Sequence[float], seed: int = 0, resamples: int = RESAMPLES) -> Estimate:
    """Return the mean over problems with its interval.

    Where all problems agree on 0 or 1 the bootstrap has no spread; the exact binomial bound over problems is used. A
    single problem with a share in between says nothing about others: from 0 to 1.
    """
    values_P = np.asarray(values, dtype=float)
    if len(values_P) == 0:
        return Estimate(math.nan, math.nan, math.nan)
    mean = float(values_P.mean())
    if mean in (0.0, 1.0):
        bound = 1.0 - _TAIL ** (1 / len(values_P))
        return Estimate(mean, 0.0, bound) if mean == 0.0 else Estimate(mean, 1.0 - bound, 1.0)
    low, high = interval(values_P, seed, resamples) if len(values_P) > 1 else (0.0, 1.0)
    return Estimate(mean, low, high)


def paired_difference(a: Sequence[float], b: Sequence[float], seed: int = 0) -> Difference:
    """Compare two policies on the same problems, in the same order: sign-flip permutation test and bootstrap."""
    if len(a) != len(b):
        raise ValueError(f"a paired test needs the same problems on both sides, found {len(a)} and {len(b)}")
    change_P = np.asarray(b, dtype=float) - np.asarray(a, dtype=float)
    if len(change_P) == 0:
        return Difference(math.nan, math.nan, math.nan, math.nan)
    mean = float(change_P.mean())
    rng = np.random.default_rng(seed)
    sign_RP = rng.integers(0, 2, (RESAMPLES, len(change_P)), dtype=np.int8) * 2.0 - 1.0  # floats: the product is BLAS's
    flipped_R = (sign_RP @ change_P) / len(change_P)
    extreme = int((np.abs(flipped_R) >= abs(mean) - 1e-12).sum())
    low, high = interval(change_P, seed)
    return Difference(mean, low, high, (extreme + 1) / (RESAMPLES + 1))


def _reach(problems: int) -> float:
    """Return REACH for few problems: Student's quantile, and the bootstrap's spread, which is too small by 1/problems.

    Student's quantile is taken from its expansion in 1/(problems - 1), to 0.004 from 10 problems on.
    """
    z, f = REACH, problems - 1
    student = z + (z**3 + z) / (4 * f) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * f**2)
    return student * math.sqrt(problems / f)


def interval(values_P: Values, seed: int = 0, resamples: int = RESAMPLES) -> tuple[float, float]:
    """Return the BCa bootstrap interval of the mean of `values_P`; a point where all values are equal."""
    deviation_P = values_P - values_P.mean()
    squares = float((deviation_P**2).sum())
    if squares < 1e-18:
        return float(values_P.mean()), float(values_P.mean())
    mean_R = _resampled_means(values_P, seed, resamples)
    centre = float(values_P.mean())
    below = float((mean_R < centre - 1e-12).mean() + (np.abs(mean_R - centre) <= 1e-12).mean() / 2)
    bias = _NORMAL.inv_cdf(min(max(below, 1 / resamples), 1 - 1 / resamples))
    skew = float((deviation_P**3).sum()) / (6.0 * squares**1.5)  # acceleration of a mean, by its jackknife
    reach = _reach(len(values_P))
    low, high = np.quantile(mean_R, [_adjusted(end, bias, skew) for end in (-reach, reach)])
    return float(low), float(high)


def _adjusted(end: float, bias: float, skew: float) -> float:
    """Return the quantile of the bootstrap distribution that BCa takes for the normal quantile `end`."""
    moved = bias + end
    return _NORMAL.cdf(bias + moved / max(1.0 - skew * moved, 1e-6))


def _resampled_means(values_P: Values, seed: int, resamples: int) -> Values:
    rng = np.random.default_rng(seed)
    block = max(1, _BLOCK // len(values_P))
    means = [
        values_P[rng.integers(0, len(values_P), (min(block, resamples - start), len(values_P)))].mean(axis=1)
        for start in range(0, resamples, block)
    ]
    return np.concatenate(means)
