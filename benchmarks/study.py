"""What is iteration worth? Arms at equal optimiser steps and equal references, over seeds, with intervals.

    python -m benchmarks.study --out runs/study                             all arms, five seeds: hours; resumable
    python -m benchmarks.study --arms mle one-shot-equal iterated --seeds 1 2 3 --references 10 37 100
    python -m benchmarks.study --config configs/smollm2.yaml --arms mle iterated filtered --seeds 1 2
    python -m benchmarks.study --quick --out runs/study-quick               minutes: that it works, no figure means much

ARMS says what the arms are, each on the tasks, the policy and the steps of --config, by default the quick-start. All
but `own` sample the tasks whose reference is trained on, at a constant rate, so that one stage of N x T steps and T
stages of N steps differ in nothing but the refresh. Every run is a run directory below --out: the same command
continues. Written to --out: tables.md, whose differences are paired over tasks, all seeds together, with 95 % intervals
and the p-value of a sign-flip test. The round is the one that dev chose. Beside the scores stand, per iteration, how
much was explored, and the mismatch: nats per token between the policy that drew samples and the one trained since, on
fresh samples and on those of the first iteration.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from benchmarks.study_tables import Found, tables
from rich.console import Console

from itertl import load_config, open_run, run
from itertl.config import Config

QUICKSTART = Path("configs/quickstart.yaml")
CONFIGS = Path("configs/study")  # the arms of the quick-start, written out: --write
ARMS = {
    "mle": "plain MLE on the references, continued",
    "one-shot": "ranking of samples that were drawn once, from the warm start (RTLCoder's way)",
    "one-shot-equal": "the same with as many samples as all iterations of `iterated`: equal budget, no refresh",
    "iterated": "ITERTL as published: samples drawn anew from each iteration's policy, ranked",
    "iterated-functional": "the same with scores from simulation",
    "filtered": "refreshed samples that pass, by MLE (rejection sampling fine-tuning)",
    "own": "the config's own setting, tasks without reference included",
}
RANKED = ("training.objective=rank", "training.parameters={weight: 1.0}", "score=rtlcoder")
CONSTANT = "training.optimizer={schedule: constant}"
QUICK = (
    "iterations=2", "tasks.gym={train: 40, dev: 6, test: 8, shifted: 6, unseen: 4}", "tasks.references=16",
    "tasks.per_iteration=16", "sampling.candidates=2", "training.steps=3", "evaluation.samples=1",
    "evaluation.dev_samples=1",
)  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """One run of the study; `references` in percent of the config's."""

    arm: str
    dtype: str
    references: int
    seed: int

    @property
    def row(self) -> str:
        """What all seeds of the run share."""
        few = "" if self.references == 100 else f", {self.references} % of the references"
        return f"{self.arm}{few}" + ("" if self.dtype == "auto" else f", {self.dtype}")

    @property
    def name(self) -> str:
        """The run's folder."""
        return f"{self.arm}-{self.references}-{self.dtype}-{self.seed}"


def changes(arm: str, base: Config) -> list[str]:
    """Return what makes an arm of a config, as overrides; each arm takes iterations x steps optimiser steps."""
    rounds, steps, samples = base.iterations, base.training.steps, base.sampling.candidates
    if steps is None:
        raise SystemExit("the config of a study fixes training.steps, so that arms can be compared")
    whole = ["iterations=1", f"training.steps={rounds * steps}"]
    match arm:
        case "mle":
            own = ["training.objective=mle", "sampling.candidates=1"]
        case "one-shot":
            own = [*RANKED, *whole]
        case "one-shot-equal":
            own = [*RANKED, *whole, f"sampling.candidates={rounds * samples}"]
        case "iterated":
            own = list(RANKED)
        case "iterated-functional":
            own = [*RANKED, "score=functional"]
        case "filtered":
            own = ["training.objective=rft"]
        case _:
            return []
    return ["tasks.per_iteration=0", CONSTANT, *own]


def config_of(cell: Cell, path: Path, extra: Sequence[str]) -> Config:
    """Return the config of one run."""
    base = load_config(path, extra)
    share = f"tasks.references={max(1, round((base.tasks.references or 0) * cell.references / 100))}"
    own = [*changes(cell.arm, base), share, f"policy.dtype={cell.dtype}", f"seed={cell.seed}", f"name={cell.name}"]
    return load_config(path, [*extra, *own])


def cells(options: argparse.Namespace) -> Iterator[Cell]:
    """Yield the runs, seed by seed, so that a study that is stopped has whole comparisons."""
    for seed in options.seeds:
        for arm in options.arms:
            for dtype in options.dtypes:
                for references in options.references:
                    yield Cell(arm, dtype, references, seed)


def write_configs(folder: Path = CONFIGS) -> None:
    """Write what the arms of the quick-start are, one file each."""
    folder.mkdir(parents=True, exist_ok=True)
    base = load_config(QUICKSTART)
    for arm, meaning in ARMS.items():
        if arm == "own":
            continue
        values = yaml.safe_load(QUICKSTART.read_text(encoding="utf-8"))
        config = load_config(QUICKSTART, [*changes(arm, base), f"name=study-{arm}"])
        whole = config.model_dump(mode="json")
        for section in ("tasks", "sampling", "training"):
            plain = Config().model_dump(mode="json")[section]
            values[section] = {k: v for k, v in whole[section].items() if v != plain[k]}
        values |= {name: whole[name] for name in ("name", "iterations", "score")}
        text = yaml.safe_dump(values, sort_keys=False, default_flow_style=None, width=110)
        head = f"# An arm of benchmarks/study.py, which writes this file: {meaning}.\n"
        (folder / f"{arm}.yaml").write_text(head + text, encoding="utf-8")


def main() -> None:
    """Run all arms and seeds, and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("runs/study"))
    parser.add_argument("--config", type=Path, default=QUICKSTART)
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=list(ARMS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument("--dtypes", nargs="+", choices=("auto", "float32", "bfloat16"), default=["auto"])
    parser.add_argument("--references", type=int, nargs="+", default=[100], help="percent of the config's references")
    parser.add_argument("--set", dest="extra", action="append", default=[], help="override for every arm: a.b=c")
    parser.add_argument("--no-mismatch", action="store_true", help="leave out what needs the policies again")
    parser.add_argument("--quick", action="store_true", help="tiny sizes and one seed")
    parser.add_argument("--write", action="store_true", help=f"write {CONFIGS} instead")
    options = parser.parse_args()
    if options.write:
        write_configs()
        return
    if options.quick:
        options.extra, options.seeds = [*QUICK, *options.extra], options.seeds[:1]
    console, found = Console(width=200), list[Found]()
    for cell in cells(options):
        config = config_of(cell, options.config, options.extra)
        with open_run(config, options.out / cell.name) as store:
            comparison = run(config, store)
        found.append(Found(cell.row, cell.seed, options.out / cell.name, config, comparison))
        console.print(f"{cell.name}: done")
        text = tables(found, mismatch=not options.no_mismatch)
        (options.out / "tables.md").write_text(text, encoding="utf-8")
    console.print(text, markup=False, highlight=False)


if __name__ == "__main__":
    main()
