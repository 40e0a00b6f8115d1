r"""pass@k: the chance that at least one of k samples is right, with an interval over problems.

    pass@k = mean over problems of 1 - C(n - c, k) / C(n, k)         n samples, c of them right

Unbiased for every n >= k (Chen et al. 2021, arXiv 2107.03374).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 10_000
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Difference:
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


def estimate(values: Sequence[float], seed: int = 0) -> Estimate:
    """Return the mean over problems with its percentile-bootstrap interval.

    Where all problems agree on 0 or 1 the bootstrap has no spread; the exact binomial bound over problems is used.
    """
    values_P = np.asarray(values, dtype=float)
    if len(values_P) == 0:
        return Estimate(math.nan, math.nan, math.nan)
    mean = float(values_P.mean())
    if mean in (0.0, 1.0):
        bound = 1.0 - ((1.0 - CONFIDENCE) / 2) ** (1 / len(values_P))
        return Estimate(mean, 0.0, bound) if mean == 0.0 else Estimate(mean, 1.0 - bound, 1.0)
    low, high = _bootstrap(values_P, seed)
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
    low, high = _bootstrap(change_P, seed)
    return Difference(mean, low, high, (extreme + 1) / (RESAMPLES + 1))


def _bootstrap(values_P: "np.ndarray[tuple[int], np.dtype[np.float64]]", seed: int) -> tuple[float, float]:
    rng = np.random.default_rng(seed)
    index_RP = rng.integers(0, len(values_P), (RESAMPLES, len(values_P)))
    tail = 100 * (1 - CONFIDENCE) / 2
    low, high = np.percentile(values_P[index_RP].mean(axis=1), [tail, 100 - tail])
    return float(low), float(high)
