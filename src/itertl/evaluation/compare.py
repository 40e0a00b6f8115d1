r"""Are two policies different on the same problems, and how many problems would it take to say so?

    compared = compare(before, after)     # problem -> (n, c) of both; Compared(difference, flips, power)

The difference of pass@1 is paired over the problems that both measured (`paired_difference`: sign-flip permutation
test, bootstrap interval). The number of problems that a paired z-test at 5 % would need to find a true difference as
large as the one observed in 80 % of all studies is

    P = ((z_0.975 + z_0.8) * sd / difference)^2          sd: that of the problems' differences

An observed difference overestimates the true one more often than not, so P is a lower bound to plan with.
"""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from itertl.errors import DataError
from itertl.evaluation.pass_at_k import Difference, paired_difference

POWER = 0.8
ALPHA = 0.05
FLIP = 0.5  # share of right samples that separates solved from not solved

Counts = Mapping[str, Sequence[int]]  # problem -> [samples, right ones]


@dataclass(frozen=True)
class Flip:
    """A problem that one policy solves (at least half of its samples are right) and the other does not."""

    problem: str
    before: float  # share of right samples
    after: float

    @property
    def gained(self) -> bool:
        """True if the second policy is the one that solves it."""
        return self.after > self.before


@dataclass(frozen=True)
class Compared:
    """Difference of pass@1 (second minus first), the problems that flipped, and what the study could have seen.

    `problems` both measured; `only_before` and `only_after` were measured by one alone and do not count. `needed` is
    the number of problems for a power of 80 % at the observed difference, infinite where there is none; `detectable`
    the smallest true difference that this many problems find with that power. `before` and `after` are both sides'
    pass@1 over the problems that count.
    """

    difference: Difference
    problems: int
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    flips: tuple[Flip, ...]
    needed: float
    detectable: float
    before: float = math.nan
    after: float = math.nan


def compare(before: Counts, after: Counts) -> Compared:
    """Compare two evaluations; raise DataError where they share no measured problem."""
    first, second = _rates(before), _rates(after)
    shared = [problem for problem in first if problem in second]
    if not shared:
        raise DataError(
            f"the two results have no problem in common ({len(first)} and {len(second)} measured); expected two "
            "evaluations of one suite"
        )
    a, b = [first[problem] for problem in shared], [second[problem] for problem in shared]
    difference = paired_difference(a, b)
    spread = statistics.stdev([y - x for x, y in zip(a, b, strict=True)]) if len(shared) > 1 else math.nan
    flips = [Flip(problem, x, y) for problem, x, y in zip(shared, a, b, strict=True) if (x >= FLIP) != (y >= FLIP)]
    return Compared(
        difference=difference,
        problems=len(shared),
        only_before=tuple(problem for problem in first if problem not in second),
        only_after=tuple(problem for problem in second if problem not in first),
        flips=tuple(sorted(flips, key=lambda flip: (flip.after - flip.before, flip.problem))),
        needed=problems_needed(difference.value, spread),
        detectable=_reach() * spread / math.sqrt(len(shared)),
        before=statistics.fmean(a),
        after=statistics.fmean(b),
    )


def problems_needed(difference: float, spread: float) -> float:
    """Return how many problems find a true `difference` with a power of 80 %; `spread` is that of the differences."""
    if not difference or math.isnan(spread):
        return math.inf
    return math.ceil((_reach() * spread / difference) ** 2)


def _reach() -> float:
    normal = statistics.NormalDist()
    return normal.inv_cdf(1 - ALPHA / 2) + normal.inv_cdf(POWER)


def _rates(counts: Counts) -> dict[str, float]:
    return {problem: right / samples for problem, (samples, right) in counts.items() if samples}
