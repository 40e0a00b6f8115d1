"""Do the iterations help? Every arm from the same warm start, with the same references and optimiser steps.

    python benchmarks/quickstart_gain.py --out runs/gain --seeds 1 2 3
    python benchmarks/quickstart_gain.py --arms quickstart --dtypes float32 bfloat16 --seeds 1 2 3 4 5

Arms, all on the tasks and the policy of configs/quickstart.yaml:

    mle         plain MLE on the references, continued
    one-shot    the paper's ranking objective, samples drawn once from the warm start (RTLCoder's way)
    paper       ITERTL with the paper's objective: samples of the reference tasks, drawn anew in every iteration
    quickstart  the quick-start's own setting

Each run is a run directory below --out, so an interrupted benchmark continues with the same command. Printed: pass@1
of the warm start and of the last iteration on every suite, by arm, arithmetic and seed, with the p-value of that run
alone; then, over all seeds, the paired difference to the warm start and to plain MLE, with 95 % intervals over tasks
and the p-value of a sign-flip permutation test.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from itertl import load_config, open_run, run
from itertl.config import Config
from itertl.evaluation.measure import Comparison
from itertl.evaluation.pass_at_k import Difference, paired_difference

QUICKSTART = Path(__file__).parent.parent / "configs" / "quickstart.yaml"
PAPER = ("training.objective=rank", "training.parameters={weight: 1.0}", "tasks.per_iteration=0", "sampling.top_p=0.95")


def arm_overrides(arm: str, quickstart: Config) -> list[str]:
    """Return what makes an arm of the quick-start's config; every arm takes the same number of optimiser steps."""
    rounds, steps = quickstart.iterations, quickstart.training.steps
    assert steps is not None, "the quick-start fixes its steps, so that arms can be compared"
    match arm:
        case "mle":
            return ["training.objective=mle", "tasks.per_iteration=0", "sampling.candidates=1"]
        case "one-shot":
            return [*PAPER, "iterations=1", f"training.steps={rounds * steps}"]
        case "paper":
            return list(PAPER)
        case _:
            return []


ARMS = ("mle", "one-shot", "paper", "quickstart")


def run_arm(arm: str, dtype: str, seed: int, out: Path, extra: Sequence[str]) -> Comparison:
    """Run, or find, one arm with one seed in one arithmetic."""
    quickstart = load_config(QUICKSTART, extra)
    name = f"{arm}-{dtype}-{seed}"
    own = [*arm_overrides(arm, quickstart), f"policy.dtype={dtype}", f"seed={seed}", f"name={name}"]
    with open_run(load_config(QUICKSTART, [*extra, *own]), out / name) as store:
        return run(load_config(QUICKSTART, [*extra, *own]), store)


def rates(results: Sequence[Comparison], suite: str, arm: str) -> list[float]:
    """Return the share of right samples of every task of a suite, seed after seed, tasks in a fixed order."""
    evaluations = [result.evaluations[suite][arm] for result in results]
    return [rate for evaluation in evaluations for _, rate in sorted(evaluation.rates().items())]


def show(results: dict[tuple[str, str], list[Comparison]], seeds: Sequence[int], console: Console) -> None:
    """Print one table per suite."""
    for suite in next(iter(results.values()))[0].evaluations:
        columns = ("arm", "arithmetic", *(f"seed {seed}" for seed in seeds), "last - warm start", "last - mle")
        table = Table(*columns, title=suite)
        for (arm, dtype), comparisons in results.items():
            cells = [of_one_run(comparison, suite) for comparison in comparisons]
            last = rates(comparisons, suite, "last")
            gain = paired_difference(rates(comparisons, suite, "warm_start"), last)
            plain = results.get(("mle", dtype))
            against = paired_difference(rates(plain, suite, "last"), last) if plain else None
            table.add_row(arm, dtype, *cells, cell(gain), cell(against))
        console.print(table)


def of_one_run(comparison: Comparison, suite: str) -> str:
    """Return pass@1 before and after one run, and the p-value of its difference."""
    before, after = (comparison.evaluations[suite][which].pass_at["1"].value for which in ("warm_start", "last"))
    own = paired_difference(rates([comparison], suite, "warm_start"), rates([comparison], suite, "last"))
    return f"{before:.3f} -> {after:.3f} p={own.p:.2g}"


def cell(difference: Difference | None) -> str:
    """Return a difference as text."""
    if difference is None:
        return ""
    return f"{difference.value:+.3f} [{difference.low:+.3f}, {difference.high:+.3f}] p={difference.p:.2g}"


def main() -> None:
    """Run all arms and seeds, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("runs/gain"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=list(ARMS))
    parser.add_argument("--dtypes", nargs="+", choices=("auto", "float32", "bfloat16"), default=["auto"])
    parser.add_argument("--set", dest="extra", action="append", default=[], help="override for every arm: a.b=c")
    options = parser.parse_args()
    console = Console(width=180)
    results = {}
    for arm in options.arms:
        for dtype in options.dtypes:
            runs = [run_arm(arm, dtype, seed, options.out, options.extra) for seed in options.seeds]
            results[arm, dtype] = runs
            console.print(f"{arm} in {dtype}: done")
    show(results, options.seeds, console)


if __name__ == "__main__":
    main()
