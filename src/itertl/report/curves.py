"""The curves of a run's page: what training has logged, how far it moved, and how much was explored.

Contract: a curve is there only where its quantity was recorded and says something; which ones those are follows from
the rows, so that an objective of one's own needs no line here.

    itertl report runs/quickstart
"""

from collections.abc import Sequence

from itertl.evaluation.exploration import Reach
from itertl.report.charts import PERCENT, Axis, Caption, Frame, Line, Mark, line_chart, value_axis
from itertl.report.figures import iteration_name, short, thin
from itertl.report.layout import folded, table
from itertl.report.markup import Markup
from itertl.report.reading import Iteration, Run
from itertl.words import counted

BINS = 120  # points of a curve over optimiser steps
FEW = 16  # steps in all up to which each is drawn as a dot
WARM_SHARE = 0.25  # of the width at most is left to the warm start's steps
FROM_ZERO = ("grad_norm", "lr", "divergence", "skipped")
QUANTITIES = {
    "loss": ("Loss", "What training minimises, as a mean over the groups of a step."),
    "mle": ("MLE loss", "Negative log-likelihood of the references per token: S_ref with its sign turned."),
    "rank": ("Ranking loss", "Of the scored groups."),
    "divergence": ("Moved from the start", "From the policy before this training, on its samples, in nats per token."),
    "grad_norm": ("Gradient norm", "Before it is clipped."),
    "lr": ("Learning rate", "Of each optimiser step."),
    "skipped": ("Skipped steps", "1 where the gradient was not finite and nothing was changed."),
}


def quantities(run: Run) -> dict[str, Markup]:
    """Return one chart over all optimiser steps for each quantity that the run recorded.

    The loss is left out where it is the MLE loss in every step, and so is what is always 0.
    """
    steps = [step for iteration in run.iterations for step in iteration.steps]
    told = {key for key in QUANTITIES if any(step.get(key) for step in steps)}
    if all(abs(step["loss"] - step.get("mle", float("inf"))) < 1e-6 for step in steps if "loss" in step):
        told.discard("loss")
    return {key: chart for key in QUANTITIES if key in told and (chart := _curve(run, key))}


def active_pairs(run: Run) -> Markup | None:
    """The share of groups with an active pair by iteration; None where the objective knows no pairs."""
    known = [(i.number, *i.active) for i in run.iterations if i.active]
    logged = [step for i in run.iterations if i.number for step in i.steps]
    if not known or (logged and not any("active" in step or "rank" in step for step in logged)):
        return None
    marks = tuple(
        Mark(n, part / whole, tip=f"{iteration_name(n)}\n{part:,} of {whole:,} groups", label=f"{part / whole:.0%}")
        for n, part, whole in known
    )
    described = ", ".join(f"{iteration_name(n)} {a / t:.0%}" for n, a, t in known)
    caption = Caption("active", "Groups with an active pair", described)
    return line_chart(caption, _small(_by_iteration([n for n, *_ in known]), PERCENT), [Line("s-active", marks)])


def mismatches(run: Run) -> Markup | None:
    """How far each training has moved from the policy that drew its samples, by iteration."""
    known = [(i.number, i.mismatch["k3"], i.mismatch) for i in run.iterations if "k3" in i.mismatch]
    if not known:
        return None
    marks = tuple(
        Mark(
            n,
            value,
            tip=f"{iteration_name(n)}\n{value:.4f} nats per token (k3)\n{more.get('kl', float('nan')):+.4f} (mean)",
            label=f"{value:.2g}",  # from 1e-5 to 1: as many digits as tell two of them apart
        )
        for n, value, more in known
    )
    axis = value_axis([0.0, *(value for _, value, _ in known)], floor=0)
    described = ", ".join(f"{iteration_name(n)} {value:.4f}" for n, value, _ in known)
    caption = Caption("mismatch", "Mismatch by iteration", described)
    return line_chart(caption, _small(_by_iteration([n for n, *_ in known]), axis), [Line("s-mismatch", marks)])


def exploration(run: Run) -> dict[str, Markup]:
    """Distinct designs, those that passed, and tasks with one that passed: of each iteration, and all together."""
    known = [(i.number, i.explored) for i in run.iterations if i.explored]
    if not known:
        return {}
    charts = {}
    for field, title in (
        ("designs", "Distinct designs"),
        ("right", "Distinct designs that passed"),
        ("tasks", "Tasks with a design that passed"),
    ):
        each = {
            "s-alone": [(n, getattr(found.alone, field)) for n, found in known],
            "s-far": [(n, getattr(found.so_far, field)) for n, found in known],
        }
        says = {"s-alone": "in this iteration", "s-far": "up to this iteration"}
        lines = [
            Line(
                style,
                tuple(Mark(n, v, tip=f"{iteration_name(n)}\n{v:,} {says[style]}", label=f"{v:,}") for n, v in points),
            )
            for style, points in each.items()
        ]
        lines[0] = Line("s-alone", tuple(Mark(m.x, m.y, tip=m.tip) for m in lines[0].marks))
        top = value_axis([0.0, *(v for points in each.values() for _, v in points)], floor=0)
        described = ", ".join(f"{iteration_name(n)} {v}" for n, v in each["s-far"]) + " together"
        frame = _small(_by_iteration([n for n, _ in known]), top)
        charts[field] = line_chart(Caption(f"explored-{field}", title, described), frame, lines)
    return charts


def exploration_table(run: Run) -> Markup | None:
    """The same as numbers to copy, with the samples that they took."""
    known = [(i.number, i.explored) for i in run.iterations if i.explored]
    if not known:
        return None
    head = ["iteration", "samples with a design", "designs", "passed", "tasks", "designs so far", "passed", "tasks"]
    lines = [[short(n), *(f"{v:,}" for v in (e.samples, *_reach(e.alone), *_reach(e.so_far)))] for n, e in known]
    return folded("Numbers of the exploration", table(head, lines))


def _reach(found: Reach) -> tuple[int, int, int]:
    return found.designs, found.right, found.tasks


def _curve(run: Run, key: str) -> Markup | None:
    known = [(i, found) for i in run.iterations if (found := [(n, s[key]) for n, s in enumerate(i.steps) if key in s])]
    if not known:
        return None
    widths = [len(i.steps) for i, _ in known]
    if known[0][0].number == 0 and len(known) > 1:
        widths[0] = min(widths[0], round(sum(widths[1:]) * WARM_SHARE / (1 - WARM_SHARE)) or 1)
    lines, ticks, separators, start = [], [], [], 0.0
    bins = max(12, BINS // len(known))
    for (iteration, points), width in zip(known, widths, strict=True):
        scale = width / len(iteration.steps)
        lines.append(Line(f"s-{key}", tuple(_binned(iteration, points, start, scale, bins))))
        ticks.append((start + width / 2, short(iteration.number)))
        start += width
        separators.append(start)
    scope = [v for i, points in known for _, v in (points if i.number else points[len(points) // 2 :])]
    values = value_axis([0.0, *scope], floor=0) if key in FROM_ZERO else value_axis(scope)
    frame = _small(Axis(0, start, thin(ticks, 7), "iteration (steps within)"), values)
    steps = counted(sum(len(p) for _, p in known), "steps")
    ends = f"from {known[0][1][0][1]:.4g} to {known[-1][1][-1][1]:.4g} in {steps}"
    caption = Caption(f"loss-{key}", QUANTITIES[key][0], ends)
    return line_chart(caption, frame, lines, dots=sum(widths) <= FEW, separators=separators[:-1])


def _binned(
    iteration: Iteration, points: Sequence[tuple[int, float]], start: float, scale: float, bins: int
) -> list[Mark]:
    """Average `points` (step, value) down to about `bins` marks whose ends are the least and the greatest value."""
    size = -(-len(points) // bins)
    marks = []
    for first in range(0, len(points), size):
        part = points[first : first + size]
        values = [value for _, value in part]
        mean = sum(values) / len(values)
        steps = f"step {part[0][0] + 1}" if len(part) == 1 else f"steps {part[0][0] + 1} to {part[-1][0] + 1}"
        x = start + scale * (part[0][0] + part[-1][0] + 1) / 2
        tip = f"{iteration_name(iteration.number)} · {steps}\n{mean:.4g}"
        least, greatest = (min(values), max(values)) if len(part) > 1 else (None, None)
        marks.append(Mark(x, mean, least, greatest, tip))
    return marks


def _by_iteration(numbers: Sequence[int]) -> Axis:
    ticks = thin([(float(n), short(n)) for n in numbers], 8)
    return Axis(numbers[0] - 0.5, numbers[-1] + 0.5, ticks, "iteration")


def _small(x: Axis, y: Axis) -> Frame:
    return Frame(x, y, height=240, top=24)
