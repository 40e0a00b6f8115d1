"""Outcomes and pass@1 by level and by family of the gym, iteration beside iteration.

pass@1 of a family = mean over its tasks of (samples that passed / samples with a verdict)

    itertl report runs/quickstart
"""

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlencode

from itertl.outcome import Outcome
from itertl.report.figures import short
from itertl.report.layout import table
from itertl.report.markup import Markup, element, join
from itertl.report.outcomes import ORDER, outcome_name
from itertl.report.parsing import tagged
from itertl.report.reading import TRAINING, Run

WIDTH = 84  # units of a bar
UNCOUNTED = frozenset({Outcome.TOOL_ERROR, Outcome.UNSUPPORTED, "unverified", "missing"})  # leave a task's n


@dataclasses.dataclass
class Mix:
    """The samples of some tasks: how many fell on each outcome, in all and by task."""

    outcomes: Counter[str] = dataclasses.field(default_factory=Counter)
    by_task: dict[str, Counter[str]] = dataclasses.field(default_factory=dict)

    def add(self, task_id: str, outcome: str, count: int) -> None:
        """Count samples of a task."""
        self.outcomes[outcome] += count
        self.by_task.setdefault(task_id, Counter())[outcome] += count

    @property
    def pass_at_1(self) -> float | None:
        """The mean over tasks; None where no sample has a verdict."""
        rates = [
            counts[Outcome.PASSED] / n
            for counts in self.by_task.values()
            if (n := sum(count for outcome, count in counts.items() if outcome not in UNCOUNTED))
        ]
        return sum(rates) / len(rates) if rates else None


Place = tuple[str, str]  # level, family; the family is "" for all of a level
Mixes = Mapping[Place, Mapping[int, Mix]]  # by iteration


def mixes(run: Run, use: str) -> Mixes:
    """Return the samples that were drawn for one use, by level and family and iteration; of tasks with such tags."""
    found: dict[Place, dict[int, Mix]] = {}
    for iteration in run.iterations:
        for design in iteration.designs.get(use, ()):
            tags = run.tasks.get(design.task_id, {}).get("tags")
            level, family = tagged(tags, "level"), tagged(tags, "family")
            for place in {(level, ""), (level, family)} if level or family else ():
                mix = found.setdefault(place, {}).setdefault(iteration.number, Mix())
                mix.add(design.task_id, design.outcome, design.drawn)
    return {place: found[place] for place in sorted(found)}


def family_table(found: Mixes, use: str) -> Markup | None:
    """Return a row for each level and each family, a cell for each iteration: a bar of outcomes and pass@1."""
    if not found:
        return None
    numbers = sorted({number for each in found.values() for number in each})
    head = ["", "tasks", *(short(n) for n in numbers)]
    lines = []
    for (level, family), each in found.items():
        name = family.replace("_", " ") if family else f"level {level}" if level else "all"
        tasks = len({task for mix in each.values() for task in mix.by_task})
        cells = [_cell(each.get(n), {"use": use, "iteration": n, "level": level, "family": family}) for n in numbers]
        shown = element("strong", name) if not family else name
        lines.append([shown, f"{tasks:,}", *cells])
    return table(head, lines, "families")


def present_outcomes(each: Iterable[Mixes]) -> list[str]:
    """Return the outcomes that occur, in their order."""
    known = {outcome for found in each for one in found.values() for mix in one.values() for outcome in mix.outcomes}
    return [name for name in ORDER if name in known]


def uses_shown(run: Run) -> Sequence[tuple[str, str]]:
    """Return the uses that have a table of their own, each with its title."""
    known = {use for iteration in run.iterations for use in iteration.designs}
    titles = (("dev", "Evaluation on dev: the same tasks each time"), (TRAINING, "Drawn for training"))
    return [(use, title) for use, title in titles if use in known]


def _cell(mix: Mix | None, filters: Mapping[str, object]) -> Markup:
    if mix is None:
        return Markup("-")
    value, total = mix.pass_at_1, mix.outcomes.total()
    parts, left = [], 0.0
    for name in reversed(ORDER):
        if count := mix.outcomes[name]:
            width = WIDTH * count / total
            parts.append(element("rect", x=left, y=0, width=width, height=12, class_=f"segment o-{name}"))
            left += width
    said = ", ".join(f"{mix.outcomes[name]:,} {outcome_name(name)}" for name in reversed(ORDER) if mix.outcomes[name])
    bar = element("svg", element("title", said), *parts, class_="mix", viewBox=f"0 0 {WIDTH} 12", aria_hidden="true")
    href = "#" + urlencode({key: text for key, text in filters.items() if text != ""})
    number = "-" if value is None else f"{value:.2f}"
    return element("a", join([bar, number]), href=href, title=said)
