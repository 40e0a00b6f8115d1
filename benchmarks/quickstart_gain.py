"""Do the iterations help? Every arm from the same warm start, with the same references and optimiser steps.

    python benchmarks/quickstart_gain.py --out runs/gain --seeds 1 2 3

Arms, all on the tasks and the policy of configs/quickstart.yaml:

    mle         plain MLE on the references, continued
    one-shot    the paper's ranking objective, samples drawn once from the warm start (RTLCoder's way)
    paper       ITERTL with the paper's objective: samples of the reference tasks, drawn anew in every iteration
    quickstart  the quick-start's own setting

Each run is a run directory below --out, so an interrupted benchmark continues with the same command. Printed: pass@1
of the warm start and of the last iteration on every suite, by arm and seed; then, over all seeds, the paired difference
to the warm start and to plain MLE, with 95 % intervals over tasks and the p-value of a sign-flip permutation test.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from itertl import load_config, open_run, run
from itertl.config import Config
from itertl.evaluation.measure import Comparison, Evaluation
from itertl.evaluation.pass_at_k import Difference, paired_difference

QUICKSTART = Path(__file__).parent.parent / "configs" / "quickstart.yaml"
PAPER = ("training.objective=rank", "training.rank_weight=1.0", "tasks.per_iteration=0", "sampling.top_p=0.95")


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


def run_arm(arm: str, seed: int, out: Path, extra: Sequence[str]) -> Comparison:
    """Run, or find, one arm with one seed."""
    quickstart = load_config(QUICKSTART, extra)
    config = load_config(QUICKSTART, [*extra, *arm_overrides(arm, quickstart), f"seed={seed}", f"name={arm}-{seed}"])
    with open_run(config, out / f"{arm}-{seed}") as store:
        return run(config, store)


def rates(results: Sequence[Comparison], suite: str, arm: str) -> list[float]:
    """Return the share of right samples of every task of a suite, seed after seed, tasks in a fixed order."""
    evaluations = [Evaluation.from_dict(result.evaluations[suite][arm]) for result in results]
    return [rate for evaluation in evaluations for _, rate in sorted(evaluation.rates().items())]


def show(results: dict[str, list[Comparison]], seeds: Sequence[int], console: Console) -> None:
    """Print one table per suite."""
    for suite in next(iter(results.values()))[0].evaluations:
        table = Table("arm", *(f"seed {seed}" for seed in seeds), "last - warm start", "last - mle", title=suite)
        for arm, comparisons in results.items():
            cells = []
            for comparison in comparisons:
                before, after = (comparison.evaluations[suite][which] for which in ("warm_start", "last"))
                cells.append(f"{before['pass_at']['1']['value']:.3f} -> {after['pass_at']['1']['value']:.3f}")
            last = rates(comparisons, suite, "last")
            gain = paired_difference(rates(comparisons, suite, "warm_start"), last)
            against = paired_difference(rates(results["mle"], suite, "last"), last) if "mle" in results else None
            table.add_row(arm, *cells, cell(gain), cell(against))
        console.print(table)


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
    parser.add_argument("--set", dest="extra", action="append", default=[], help="override for every arm: a.b=c")
    options = parser.parse_args()
    console = Console(width=180)
    results = {}
    for arm in options.arms:
        results[arm] = [run_arm(arm, seed, options.out, options.extra) for seed in options.seeds]
        console.print(f"{arm}: done")
    show(results, options.seeds, console)


if __name__ == "__main__":
    main()
