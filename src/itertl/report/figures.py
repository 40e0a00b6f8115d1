"""The charts of a run's page, from a run's numbers; a figure is None where the run has nothing to draw yet.

itertl report runs/quickstart
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from itertl.outcome import Outcome
from itertl.report.charts import (
    PERCENT,
    Axis,
    Bar,
    Caption,
    Frame,
    Line,
    Mark,
    Segment,
    dot_rows,
    line_chart,
    stacked_columns,
    stacked_rows,
    value_axis,
)
from itertl.report.markup import Markup
from itertl.report.outcomes import present, segments
from itertl.report.reading import Run
from itertl.report.samples import count_outcomes
from itertl.report.timing import STAGES, Spent, duration, time_spent


def iteration_name(index: int) -> str:
    """Return how the report calls an iteration; 0 is the warm start."""
    return f"iteration {index}" if index else "warm start"


def pass_at_1(run: Run) -> Markup | None:
    """Pass@1 on dev by iteration, with 95 % intervals; first, best and last carry their value."""
    if not run.evaluated:
        return None
    numbers = [index for index, _ in run.evaluated]
    best = run.best if run.best in numbers else max(run.evaluated, key=lambda e: e[1].pass_at[1].value)[0]
    marks = []
    for index, evaluation in run.evaluated:
        found = evaluation.pass_at[1]
        label = f"{found.value:.2f}" if index in (numbers[0], best, numbers[-1]) else ""
        tip = f"{iteration_name(index)}\npass@1 {found.value:.3f}" + _interval(found.low, found.high)
        marks.append(Mark(index, found.value, found.low, found.high, tip, label))
    values = [v for m in marks for v in (m.y, m.low, m.high) if v is not None]
    ends = [v for m in marks for v in (m.y + 0.02, m.low, m.high) if v is not None]
    ticks = tuple((n, short(n)) for n in range(numbers[0], max(numbers[-1], run.planned or 0) + 1))
    pad = 0.4 if len(ticks) < 12 else 0.8
    x = Axis(ticks[0][0] - pad, ticks[-1][0] + pad, thin(ticks, 10), "iteration")
    frame = Frame(x, value_axis([*values, *ends], floor=0, ceiling=1), top=26, height=320)
    described = ", ".join(f"{iteration_name(i)} {e.pass_at[1]}" for i, e in run.evaluated)
    return line_chart(Caption("dev", "Pass@1 on dev by iteration", described), frame, [Line("s-main", tuple(marks))])


def final_splits(run: Run) -> Markup | None:
    """Pass@1 on the final suites: a row for each, a dot with a whisker for each arm."""
    rows, values, described = [], [0.0], []
    for suite, evaluations in run.finals.items():
        dots = []
        for index, (arm, name) in enumerate(arm_names(run).items()):
            if arm not in evaluations or (found := evaluations[arm].pass_at.get(1)) is None:
                continue
            tip = f"{suite} · {name}\npass@1 {found.value:.3f}" + _interval(found.low, found.high)
            mark = Mark(found.value, 0, found.low, found.high, tip, f"{found.value:.2f}")
            dots.append((f"a-{index % 4}", mark))
            values += [found.value, found.high or found.value]
            described.append(f"{suite} {name} {found}")
        rows.append((suite, dots))
    if not described:
        return None
    caption = Caption("final", "Pass@1 on the final splits", ", ".join(described))
    return dot_rows(caption, value_axis(values, "pass@1", floor=0, ceiling=1), rows)


def arm_names(run: Run) -> dict[str, str]:
    """Return the arms of the final evaluations, each with its name for people; arms of the same policy become one."""
    names: dict[str, list[str]] = {}
    known: dict[tuple[str, ...], str] = {}
    for arm in dict.fromkeys(arm for arms in run.finals.values() for arm in arms):
        policies = tuple(arms[arm].policy if arm in arms else "" for arms in run.finals.values())
        first = known.setdefault(policies, arm) if all(policies) else arm
        names.setdefault(first, []).append(arm.replace("_", " "))
    return {
        arm: " = ".join(words) + (f" (iteration {run.best})" if run.best and "best" in words else "")
        for arm, words in names.items()
    }


def sample_outcomes(run: Run) -> tuple[Markup, list[str]] | None:
    """The mix of outcomes among the samples drawn in each iteration, linked to the browser, and its outcomes."""
    counts = {i.number: found for i in run.iterations if (found := count_outcomes(i))}
    caption = Caption("drawn", "Outcomes of the samples drawn for training", _describe_mix(counts))
    return _mix(caption, counts, lambda index, outcome: f"#iteration={index}&outcome={outcome}")


def dev_outcomes(run: Run) -> tuple[Markup, list[str]] | None:
    """The mix of outcomes in each evaluation on dev, and its outcomes."""
    shares = {i.number: i.evaluation.outcomes for i in run.iterations if i.evaluation and i.evaluation.outcomes}
    return _mix(Caption("devmix", "Outcomes of the evaluation on dev", _describe_mix(shares)), shares, None)


def stage_times(run: Run) -> tuple[Markup, list[str], list[Spent]] | None:
    """Time per stage, one bar an iteration; also the stages in the order of the legend, and the times."""
    spent = [s for s in time_spent(run.events) if s.seconds > 0]
    if not spent:
        return None
    stages = sorted({s.stage for s in spent}, key=lambda s: (STAGES.index(s) if s in STAGES else len(STAGES), s))
    bars = []
    for index in sorted({s.iteration for s in spent}, key=lambda i: (i is None, i or 0)):
        mine = sorted((s for s in spent if s.iteration == index), key=lambda s: stages.index(s.stage))
        name = iteration_name(index) if index is not None else "whole run"
        segments = tuple(
            Segment(stage_style(s.stage), s.seconds, f"{name} · {s.stage}\n{duration(s.seconds)}{_cut_off(s)}", s.stage)
            for s in mine
        )
        bars.append(Bar(name, segments, duration(sum(s.seconds for s in mine))))
    described = "; ".join(f"{bar.name} {bar.total}" for bar in bars)
    longest = max(sum(s.value for s in bar.segments) for bar in bars)
    caption = Caption("time", "Time per stage", described)
    return stacked_rows(caption, _time_axis(longest), bars), stages, spent


def stage_style(stage: str) -> str:
    """Return the style-sheet class that colours a stage."""
    return f"t-{stage}" if stage in STAGES else "t-other"


def _mix(
    caption: Caption,
    counts: Mapping[int, Mapping[str, float]],
    link: Callable[[int, str], str] | None,
) -> tuple[Markup, list[str]] | None:
    """Stack the shares of `counts` (iteration -> outcome -> weight) to columns."""
    names = present(counts.values())
    if not names:
        return None
    bars = [
        Bar(short(index), segments(iteration_name(index), found, names, partial(link, index) if link else None))
        for index, found in counts.items()
    ]
    frame = Frame(Axis(0, 1, (), "iteration"), PERCENT, height=320)
    return stacked_columns(caption, frame, bars), names


def _describe_mix(counts: Mapping[int, Mapping[str, float]]) -> str:
    parts = []
    for index, found in counts.items():
        share = found.get(Outcome.PASSED, 0) / (sum(found.values()) or 1)
        parts.append(f"{iteration_name(index)} {share:.0%} passed")
    return ", ".join(parts)


def short(index: int) -> str:
    """Return how a tick calls an iteration."""
    return str(index) if index else "warm start"


def thin(ticks: Sequence[tuple[float, str]], most: int) -> tuple[tuple[float, str], ...]:
    """Return at most so many of `ticks`, evenly spread."""
    return tuple(ticks[:: -(-len(ticks) // most)])


def _interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"\n95 % interval {low:.3f} to {high:.3f}"


def _cut_off(spent: Spent) -> str:
    if not spent.cut_off:
        return ""
    return f"\n{spent.cut_off} attempt{'s' if spent.cut_off > 1 else ''} cut off"


def _time_axis(longest: float) -> Axis:
    steps = (0.1, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)
    step = next((s for s in steps if longest / s <= 7), longest / 7)
    count = int(longest / step)
    return Axis(0, longest, tuple((step * n, duration(step * n) if n else "0") for n in range(count + 1)))
