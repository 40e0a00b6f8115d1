"""The page of two runs side by side: both curves, paired differences, problems that flipped, settings that differ.

itertl compare runs/a runs/b
"""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from itertl.disk.artefacts import write_text
from itertl.evaluation.compare import Compared
from itertl.evaluation.runs import Runs, Side, settings_that_differ
from itertl.report.charts import Axis, Caption, Frame, Line, Mark, dot_rows, line_chart, value_axis
from itertl.report.figures import iteration_name, short, thin
from itertl.report.layout import Page, assemble, figure, key_numbers, legend, section, table
from itertl.report.markup import Markup, element

Outcomes = Mapping[str, Counter[str]]  # problem -> how often each outcome occurred
LINKS = (("result", "Result"), ("flips", "Flipped problems"), ("settings", "Settings"))
MOST = 200  # flipped problems of a split that are listed
APART = 0.05  # iterations between the two runs' dots


def write_comparison(runs: Runs, outcomes: Mapping[str, tuple[Outcomes, Outcomes]], out: Path) -> Path:
    """Write the page to `out`; `outcomes` are those behind both sides of each split.

    Raise RunDirectoryError where `out` cannot be written.
    """
    write_text(out, render(runs, outcomes))
    return out


def render(runs: Runs, outcomes: Mapping[str, tuple[Outcomes, Outcomes]]) -> str:
    """Return the whole page."""
    page = Page(
        kicker="ITERTL comparison",
        title=f"{runs.first.name} and {runs.second.name}",
        sentence=sentence(runs),
        numbers=_numbers(runs),
        notices=runs.notices,
        links=LINKS,
        sections=[_result(runs), _flips(runs, outcomes), _settings(runs)],
        footer="ITERTL",
    )
    return assemble(page)


def sentence(runs: Runs) -> str:
    """Return the result in one sentence that claims no more than its numbers."""
    parts = []
    for split in runs.splits:
        gain = split.compared.difference
        sure = gain.low > 0 or gain.high < 0
        word = "is different" if sure else "is not shown to be different"
        interval = f"{gain.value:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]"
        parts.append(f"on {split.name} {runs.second.name} {word} from {runs.first.name}: {interval}")
    text = "; ".join(parts)
    return text[:1].upper() + text[1:] + "."


def _numbers(runs: Runs) -> Markup:
    return key_numbers(
        (
            f"{split.compared.difference.value:+.3f}",
            f"pass@1, {split.name}",
            f"{_share(split.compared, 'before')} to {_share(split.compared, 'after')}",
        )
        for split in runs.splits
    )


def _share(compared: Compared, side: str) -> str:
    return f"{getattr(compared, side):.3f}"


def _result(runs: Runs) -> Markup:
    key = legend([("s-first", runs.first.name, None), ("s-second", runs.second.name, None)])
    curves = figure(
        "Pass@1 on dev by iteration", "Whiskers: 95 % over problems, each run alone.", _curves(runs), "", key
    )
    said = "Second minus first, paired over the tasks that both measured; whiskers are 95 %."
    differences = figure("Differences", said, _differences(runs), "")
    head = ["split", "tasks in both", runs.first.name, runs.second.name, "difference", "95 %", "p", "gained", "lost"]
    lines = []
    for split in runs.splits:
        found, gain = split.compared, split.compared.difference
        gained = sum(flip.gained for flip in found.flips)
        cells = (_share(found, "before"), _share(found, "after"), f"{gain.value:+.3f}")
        interval = f"[{gain.low:+.3f}, {gain.high:+.3f}]"
        lines.append(
            [
                split.name,
                str(found.problems),
                *cells,
                interval,
                f"{gain.p:.2g}",
                str(gained),
                str(len(found.flips) - gained),
            ]
        )
    return section("result", "Result", "", [element("div", curves, differences, class_="pair")], [table(head, lines)])


def _curves(runs: Runs) -> Markup:
    lines, values, said = [], [], []
    for style, side, shift in (("s-first", runs.first, -APART), ("s-second", runs.second, APART)):
        marks = []
        for t, evaluation in sorted(side.dev.items()):
            if (found := evaluation.pass_at.get("1")) is None:
                continue
            tip = (
                f"{side.name}, {iteration_name(t)}\npass@1 {found.value:.3f}\n95 % {found.low:.3f} to {found.high:.3f}"
            )
            marks.append(Mark(t + shift, found.value, found.low, found.high, tip))
            values += [found.low, found.high, found.value]
            said.append(f"{side.name} {iteration_name(t)} {found.value:.3f}")
        lines.append(Line(style, tuple(marks)))
    numbers = sorted({t for side in (runs.first, runs.second) for t in side.dev})
    x = Axis(numbers[0] - 0.4, numbers[-1] + 0.4, thin([(float(n), short(n)) for n in numbers], 10), "iteration")
    frame = Frame(x, value_axis(values, floor=0, ceiling=1), top=26, height=320)
    return line_chart(Caption("dev", "Pass@1 on dev by iteration, both runs", ", ".join(said)), frame, lines)


def _differences(runs: Runs) -> Markup:
    rows, values, said = [], [0.0], []
    for split in runs.splits:
        gain = split.compared.difference
        tip = f"{split.name}\n{gain.value:+.3f}\n95 % {gain.low:+.3f} to {gain.high:+.3f}\np = {gain.p:.2g}"
        rows.append((split.name, [("s-second", Mark(gain.value, 0, gain.low, gain.high, tip, f"{gain.value:+.3f}"))]))
        values += [gain.low, gain.high]
        said.append(f"{split.name} {gain.value:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]")
    caption = Caption("differences", "Paired differences of pass@1", ", ".join(said))
    return dot_rows(caption, value_axis(values, "difference of pass@1"), rows)


def _flips(runs: Runs, outcomes: Mapping[str, tuple[Outcomes, Outcomes]]) -> Markup:
    parts: list[Markup | None] = []
    for number, split in enumerate(runs.splits):
        flips = split.compared.flips
        before, after = outcomes.get(split.name, ({}, {}))
        head = [
            "task",
            runs.first.name,
            runs.second.name,
            f"outcomes, {runs.first.name}",
            f"outcomes, {runs.second.name}",
        ]
        lines = [
            [f.problem, f"{f.before:.0%}", f"{f.after:.0%}", *(told(side.get(f.problem)) for side in (before, after))]
            for f in flips[:MOST]
        ]
        gained = sum(flip.gained for flip in flips)
        title = f"{split.name}: {gained} gained, {len(flips) - gained} lost"
        content = table(head, lines, "prose") if lines else element("p", "No task flipped.", class_="empty")
        opened = "" if number == 0 else None
        parts.append(element("details", element("summary", title), content, open=opened))
    about = "Tasks that one run solves (at least half of its samples pass) and the other does not; losses first."
    return section("flips", "Flipped problems", about, parts)


def told(counts: Counter[str] | None) -> str:
    """Return the outcomes of a task's samples, the most frequent first."""
    return ", ".join(f"{n} {outcome.replace('_', ' ')}" for outcome, n in counts.most_common()) if counts else "-"


def _settings(runs: Runs) -> Markup:
    found = settings_that_differ(runs.first, runs.second)
    head = ["setting", runs.first.name, runs.second.name]
    content = table(head, found, "prose") if found else element("p", "The configs are the same.", class_="empty")
    places = table(["", "directory", "iteration that dev chose"], [_place(runs.first), _place(runs.second)])
    return section("settings", "Settings that differ", "", [content, places])


def _place(side: Side) -> list[str]:
    return [side.name, str(side.root), short(side.best)]
