"""Do 95 % intervals hold the truth in 95 % of all studies? Simulated studies whose truth is known.

    python benchmarks/interval_coverage.py [--trials 1000]

A study draws problems (each with a chance p of a right sample, from a Beta distribution as skewed as a suite is hard),
then n samples of each. Printed for sizes of published suites: how often the interval over problems holds pass@k of the
population; how often the half-width of the samples alone holds pass@k of the very problems drawn; and how often the
interval of a paired difference holds the true one. The plain percentile interval stands beside, in the same studies.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table

from itertl.evaluation.pass_at_k import estimate, interval, pass_at_k, sampling_error

SUITES = {"RTLLM v1.1": 29, "RTLLM v2": 50, "VerilogEval": 156}
HARDNESS = {"hard": (0.3, 1.5), "medium": (0.4, 0.4), "easy": (1.5, 0.5)}  # Beta parameters of a problem's p
SETTINGS = ((1, 1), (5, 1), (20, 1), (20, 5))  # samples, k
RESAMPLES = 1000
POPULATION = 2_000_000  # problems from which the truth is taken


@dataclass(frozen=True)
class Coverage:
    """Shares of the studies whose interval holds the truth; `sampling` is None where it cannot be told."""

    problems: float
    percentile: float
    sampling: float | None


def coverage(problems: int, shape: tuple[float, float], samples: int, k: int, trials: int, seed: int) -> Coverage:
    """Return how often the intervals of `trials` simulated studies hold the truth."""
    rng = np.random.default_rng(seed)
    population = rng.beta(*shape, POPULATION)
    truth = float((1.0 - (1.0 - population) ** k).mean())
    by_right = [pass_at_k(samples, c, k) for c in range(samples + 1)]
    held, plain, alone = 0, 0, 0
    for trial in range(trials):
        p_P = rng.beta(*shape, problems)
        right_P = rng.binomial(samples, p_P)
        values = [by_right[c] for c in right_P]
        found = estimate(values, trial, RESAMPLES)
        held += found.low <= truth <= found.high
        low, high = percentile(values, trial)
        plain += low <= truth <= high
        reach = sampling_error([(samples, int(c)) for c in right_P], k)
        if reach is not None:
            alone += abs(found.value - float((1.0 - (1.0 - p_P) ** k).mean())) <= reach
    return Coverage(held / trials, plain / trials, alone / trials if samples > k else None)


def percentile(values: Sequence[float], seed: int) -> tuple[float, float]:
    """Return the percentile-bootstrap interval of the mean."""
    values_P = np.asarray(values)
    means_R = values_P[np.random.default_rng(seed).integers(0, len(values), (RESAMPLES, len(values)))].mean(axis=1)
    low, high = np.percentile(means_R, [2.5, 97.5])
    return float(low), float(high)


def difference_coverage(problems: int, shape: tuple[float, float], samples: int, trials: int, seed: int) -> float:
    """Return how often the interval of the paired difference holds a true gain of a tenth of what is left to gain."""
    rng = np.random.default_rng(seed)
    truth, held = 0.1 * float(1.0 - shape[0] / (shape[0] + shape[1])), 0
    for trial in range(trials):
        p_P = rng.beta(*shape, problems)
        change_P = (rng.binomial(samples, p_P + 0.1 * (1.0 - p_P)) - rng.binomial(samples, p_P)) / samples
        low, high = interval(change_P, trial, RESAMPLES)
        held += low <= truth <= high
    return held / trials


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    table = Table("suite", "hardness", "n", "k", "over problems", "(percentile)", "samples alone", "paired difference")
    for suite, problems in SUITES.items():
        for name, shape in HARDNESS.items():
            for samples, k in SETTINGS:
                found = coverage(problems, shape, samples, k, options.trials, options.seed)
                paired = difference_coverage(problems, shape, samples, options.trials, options.seed) if k == 1 else None
                cells = [found.problems, found.percentile, found.sampling, paired]
                shown = ["" if cell is None else f"{cell:.3f}" for cell in cells]
                table.add_row(suite, name, str(samples), str(k), *shown)
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
