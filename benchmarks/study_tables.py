"""The tables of a study, from its run directories: scores, budgets, exploration and mismatch, as Markdown."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch

from itertl.config import Config
from itertl.disk.artefacts import read_records
from itertl.disk.rows import read_rows
from itertl.evaluation.exploration import Reach, explore
from itertl.evaluation.measure import Comparison
from itertl.evaluation.pass_at_k import Difference, paired_difference
from itertl.policy.architectures import context_of
from itertl.policy.load import load_policy
from itertl.records import Candidate, Group, Verdict
from itertl.training.mismatch import Drawn, few_drawn, mismatch, score
from itertl.training.scorer import Scorer

TOKENS = 4096  # padded, per forward pass


@dataclass(frozen=True)
class Found:
    """One run of the study; `row` is what its seeds share."""

    row: str
    seed: int
    root: Path
    config: Config
    comparison: Comparison


def tables(found: Sequence[Found], mismatch: bool) -> str:
    """Return all tables of the runs that are finished."""
    rows: dict[str, list[Found]] = defaultdict(list)
    for one in found:
        rows[one.row].append(one)
    parts = [scores(rows, suite) for suite in found[0].comparison.evaluations]
    parts += [text for text in (refresh(rows, suite) for suite in found[0].comparison.evaluations) if text]
    parts += [budgets(rows), exploration(rows)]
    return "\n\n".join(parts + ([mismatches(rows)] if mismatch else [])) + "\n"


def scores(rows: dict[str, list[Found]], suite: str) -> str:
    """Return pass@1 before and after by seed, and the paired differences to the warm start and to `mle`."""
    seeds = sorted({one.seed for runs in rows.values() for one in runs})
    lines = [f"**{suite}**, warm start -> the round that dev chose", ""]
    lines += header("arm", *(f"seed {seed}" for seed in seeds), "over the warm start", "over plain MLE")
    for row, runs in rows.items():
        by_seed = {one.seed: of_one_run(one.comparison, suite) for one in runs}
        after = rates(runs, suite, "best")
        gain = paired_difference(rates(runs, suite, "warm_start"), after)
        plain = [one for one in rows.get(beside(row, "mle"), []) if one.seed in by_seed]
        same = len(plain) == len(runs) and row != beside(row, "mle")
        against = said(paired_difference(rates(plain, suite, "best"), after)) if same else ""
        lines.append(line(row, *(by_seed.get(seed, "") for seed in seeds), said(gain), against))
    return "\n".join(lines)


def beside(row: str, arm: str) -> str:
    """Return the row of another arm with the same references and arithmetic."""
    return arm + "".join(row.partition(", ")[1:])


def refresh(rows: dict[str, list[Found]], suite: str) -> str:
    """Return what drawing samples anew is worth at equal budget: iterated less one-shot-equal, seeds of both."""
    lines = []
    for row, runs in rows.items():
        other = {one.seed: one for one in rows.get(beside(row, "one-shot-equal"), [])}
        both = [one for one in runs if one.seed in other]
        if row == beside(row, "iterated") and both:
            stale = [other[one.seed] for one in both]
            found = (paired_difference(rates(stale, suite, arm), rates(both, suite, arm)) for arm in ("best", "last"))
            lines.append(line(f"{row}, {len(both)} seeds", *map(said, found)))
    if not lines:
        return ""
    head = header("iterated over one-shot-equal", "the rounds that dev chose", "the last rounds")
    return "\n".join([f"**The refresh alone**, {suite}", "", *head, *lines])


def rates(runs: Sequence[Found], suite: str, arm: str) -> list[float]:
    """Return the share of right samples of every task of a suite, seed after seed, tasks in a fixed order."""
    evaluations = [one.comparison.evaluations[suite][arm] for one in runs]
    return [rate for evaluation in evaluations for _, rate in sorted(evaluation.rates().items())]


def of_one_run(comparison: Comparison, suite: str) -> str:
    """Return pass@1 before and after one run, and the p-value of its difference."""
    before, after = (comparison.evaluations[suite][which] for which in ("warm_start", "best"))
    tasks = sorted(before.rates())
    p = paired_difference([before.rates()[t] for t in tasks], [after.rates()[t] for t in tasks]).p
    return f"{before.value():.3f} -> {after.value():.3f}, p = {p:.2g}"


def budgets(rows: dict[str, list[Found]]) -> str:
    """Return what an arm has spent: samples, steps, tokens trained on, minutes of the whole run."""
    lines = ["**Budgets**, of the first seed", "", *header("arm", "samples", "steps", "minutes")]
    for row, runs in rows.items():
        one = runs[0]
        samples = sum(1 for path in iterations(one.root) for _ in read_rows(path / "candidates.jsonl"))
        steps = sum(1 for path in iterations(one.root) for _ in read_rows(path / "policy" / "training.jsonl"))
        spent = sum(e["seconds"] for e in read_rows(one.root / "events.jsonl") if e.get("event") == "stage_end")
        lines.append(line(row, samples, steps, f"{spent / 60:.1f}"))
    return "\n".join(lines)


def exploration(rows: dict[str, list[Found]]) -> str:
    """Return what the samples of each iteration reach, and all iterations together, as means over seeds."""
    lines = ["**Exploration**, means over seeds: designs that differ in more than layout", ""]
    lines += header("arm", "iteration", "samples", "distinct", "distinct and right", "tasks with a right one")
    for row, runs in rows.items():
        each = [explored(one.root) for one in runs]
        for t in range(min(map(len, each))):
            mean = [sum(values[t][k] for values in each) / len(each) for k in range(4)]
            name = "together" if t == min(map(len, each)) - 1 else t + 1
            lines.append(line(row, name, *(f"{value:.0f}" for value in mean)))
    return "\n".join(lines)


def explored(root: Path) -> list[tuple[int, int, int, int]]:
    """Return samples, distinct designs, distinct right ones and tasks with a right one: by iteration, then in all."""
    found = explore(
        (
            ((c.task_id, c.code_id) for c in read_records(path / "candidates.jsonl", Candidate) if c.code),
            ((v.task_id, v.code_id) for v in read_records(path / "verdicts.jsonl", Verdict) if v.passed),
        )
        for path in iterations(root)
    )
    total = sum(one.samples for one in found)
    together = found[-1].so_far if found else Reach(0, 0, 0)
    each = [(one.samples, one.alone) for one in found]
    return [(samples, r.designs, r.right, r.tasks) for samples, r in [*each, (total, together)]]


def mismatches(rows: dict[str, list[Found]]) -> str:
    """Return how far the trained policy is from those that drew the samples, in nats per token, as means over seeds."""
    lines = ["**Mismatch**, nats per token between who drew and who was trained since, means over seeds", ""]
    lines += header("arm", "iteration", "fresh samples", "samples of iteration 1")
    for row, runs in rows.items():
        each = [list(moved(one)) for one in runs]
        for t in range(min(map(len, each))):
            fresh, stale = (sum(values[t][k] for values in each) / len(each) for k in (0, 1))
            lines.append(line(row, t + 1, f"{fresh:.4f}", f"{stale:.4f}"))
    return "\n".join(lines)


def moved(one: Found) -> Iterator[tuple[float, float]]:
    """Yield, by iteration, the mismatch on the samples of the iteration and on those of the first one."""
    roots = [one.root / "iter_00", *iterations(one.root)]
    for t in range(1, len(roots)):
        fresh = distance(roots[t - 1] / "policy", roots[t] / "policy", roots[t] / "groups.jsonl")
        first = distance(roots[0] / "policy", roots[t] / "policy", roots[1] / "groups.jsonl")
        yield fresh, first


@cache
def distance(drew: Path, trained: Path, groups: Path) -> float:
    """Return the mismatch k3 of `itertl.training.mismatch` between two policies on samples of one of them."""
    drawn = [group for group in read_records(groups, Group) if group.candidates]
    if not drawn:
        return float("nan")
    before, after = view(drew, drawn), view(trained, drawn)
    return mismatch(before[0], before[1], after[1])["k3"]


def view(policy: Path, groups: Sequence[Group]) -> tuple[list[Drawn], list[torch.Tensor]]:
    """Return the samples of the first groups, and what a policy thinks of them."""
    model, tokenizer = load_policy(policy)
    drawn = few_drawn(groups, tokenizer, context_of(model))
    return drawn, score(Scorer(model), drawn, TOKENS)


def iterations(root: Path) -> list[Path]:
    """Return the folders of a run's iterations that have trained."""
    return sorted(path.parent for path in root.glob("iter_*/groups.jsonl"))


def header(*names: object) -> list[str]:
    """Return the head of a table."""
    return [line(*names), "|" + "---|" * len(names)]


def line(*cells: object) -> str:
    """Return a row of a table."""
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def said(difference: Difference) -> str:
    """Return a difference as text."""
    return f"{difference.value:+.3f} [{difference.low:+.3f}, {difference.high:+.3f}] p = {difference.p:.2g}"
