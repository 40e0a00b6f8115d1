"""All problems of an evaluation in one picture, sorted by the share of right samples, and as tables.

itertl report results
"""

import dataclasses
from collections.abc import Collection, Sequence

from itertl.report.charts import PERCENT, Axis, Caption, Frame, drawing, grid, stroke
from itertl.report.evaluation.figures import link, problems
from itertl.report.evaluation.reading import Evaluated, natural
from itertl.report.layout import folded, legend, table
from itertl.report.markup import Markup, element, visible
from itertl.report.outcomes import outcome_name
from itertl.suites.known_defects import UNFAIR, Defect

Count = tuple[int, int]  # samples, right ones


@dataclasses.dataclass(frozen=True)
class Problem:
    """A problem with its counts by both rules (None: not judged so) and the defects that are known of it."""

    name: str
    strict: Count
    official: Count | None
    defects: tuple[Defect, ...]

    @property
    def share(self) -> float | None:
        """The share of right samples by the strict rule, None where none was verified."""
        return _share(self.strict)

    @property
    def differs(self) -> bool:
        """True if the official share is another one."""
        return self.official is not None and _share(self.official) != self.share

    @property
    def unfair(self) -> bool:
        """True if a right answer can fail."""
        return any(defect.kind in UNFAIR for defect in self.defects)


def ranked(evaluated: Evaluated) -> list[Problem]:
    """Return the problems from the most to the least often right, those without a verified sample last."""
    if (strict := evaluated.strict) is None:
        return []
    official = evaluated.sides.get("official")
    found = [
        Problem(name, count, official.per_problem.get(name) if official else None, evaluated.defects.get(name, ()))
        for name, count in strict.per_problem.items()
    ]
    return sorted(
        found, key=lambda p: (p.share is None, -(p.share or 0.0), -(_share(p.official) or 0.0), natural(p.name))
    )


def describe(found: Sequence[Problem]) -> str:
    """Return in words how many problems are always, sometimes and never right."""
    shares = [p.share for p in found if p.share is not None]
    always, never = shares.count(1.0), shares.count(0.0)
    words = f"Of {problems(len(found))}, {always} {_are(always)} right in every sample, {never} in none"
    words += f", {len(shares) - always - never} in some"
    if empty := len(found) - len(shares):
        words += f"; {empty} {_have(empty)} no verified sample"
    if broken := sum(bool(p.defects) for p in found):
        words += f". {broken} {_have(broken)} a known defect"
    return f"{words}."


def picture(found: Sequence[Problem], shown: Collection[str]) -> Markup | None:
    """Return a column for each problem; those whose visible name is among `shown` link to their samples."""
    if not found:
        return None
    axis = Axis(0, len(found), (), f"{problems(len(found))}, from most to least often right")
    frame = Frame(axis, PERCENT, width=1120, height=210, top=24, bottom=40)
    columns = [_column(frame, place, problem, visible(problem.name) in shown) for place, problem in enumerate(found)]
    caption = Caption("problems-picture", "Share of right samples by problem", describe(found))
    return drawing(caption, frame.width, frame.height, [grid(frame), *columns], group=True)


def key(found: Sequence[Problem]) -> Markup:
    """Return the legend of the picture."""
    entries: list[tuple[str, str, str | None]] = [("r-strict", "right, strictly", None)]
    if any(p.differs for p in found):
        entries.append(("r-official line-patch", "official, where it differs", None))
    if any(p.unfair for p in found):
        entries.append(("flag unfair", "known defect: a right answer can fail", None))
    if any(p.defects and not p.unfair for p in found):
        entries.append(("flag weak", "known defect: a wrong answer can pass", None))
    if any(p.share is None for p in found):
        entries.append(("unknown", "no verified sample", None))
    return legend(entries)


def numbers(found: Sequence[Problem], shown: Collection[str]) -> Markup | None:
    """Return every problem with its counts, folded away."""
    if not found:
        return None
    rules = ["strict", "official"] if any(p.official for p in found) else ["strict"]
    lines = [
        [
            _named(p.name, shown),
            _counted(p.strict),
            *([_counted(p.official)] if len(rules) > 1 else []),
            ", ".join(dict.fromkeys(outcome_name(d.kind) for d in p.defects)),
        ]
        for p in found
    ]
    return folded("Numbers", table(["problem", *rules, "known defects"], lines))


def defects(found: Sequence[Problem], left_out: Collection[str], shown: Collection[str]) -> Markup | None:
    """Return the known defects of these problems with their evidence, folded away."""
    broken = sorted((p for p in found if p.defects), key=lambda p: natural(p.name))
    if not broken:
        return None
    lines = [
        [
            _named(p.name, shown),
            _counted(p.strict),
            outcome_name(defect.kind),
            defect.evidence,
            "left out" if p.name in left_out else "",
        ]
        for p in broken
        for defect in p.defects
    ]
    head = ["problem", "strict", "kind", "evidence", "scores without defects"]
    return folded(f"Known defects of {problems(len(broken))}", table(head, lines, style="prose"))


def _column(frame: Frame, place: int, problem: Problem, linked: bool) -> Markup:
    left, right = frame.px(place), frame.px(place + 1)
    gap = min(2.0, (right - left) * 0.16)
    x, width = left + gap / 2, right - left - gap
    top, bottom = frame.py(1.0), frame.py(0.0)
    parts = [element("title", _tip(problem))]
    parts.append(element("rect", x=x, y=top, width=width, height=bottom - top, class_="ground"))
    if share := problem.share:
        parts.append(
            element("rect", x=x, y=frame.py(share), width=width, height=bottom - frame.py(share), class_="fill")
        )
    official = _share(problem.official)
    if problem.differs and official is not None:
        parts.append(stroke("tick-mark r-official", x, frame.py(official), x + width, frame.py(official)))
    if problem.defects:
        middle, size = x + width / 2, min(5.0, max(2.5, width))
        points = f"{middle - size:.1f},{top - 12:.1f} {middle + size:.1f},{top - 12:.1f} {middle:.1f},{top - 4:.1f}"
        parts.append(element("polygon", points=points, class_=f"flag {'unfair' if problem.unfair else 'weak'}"))
    style = "mark column" if problem.share is not None else "mark column unknown"
    if not linked:
        return element("g", *parts, class_=style)
    return element("a", *parts, class_=style, href=link(task=visible(problem.name)), tabindex=-1)


def _tip(problem: Problem) -> str:
    lines = [problem.name]
    lines.append(f"strict {_counted(problem.strict)}" if problem.share is not None else "no verified sample")
    if problem.differs:
        lines.append(f"official {_counted(problem.official)}")
    lines += [f"{outcome_name(defect.kind)}: {defect.evidence}" for defect in problem.defects]
    return "\n".join(lines)


def _named(name: str, shown: Collection[str]) -> str:
    return element("a", name, href=link(task=visible(name))) if visible(name) in shown else name


def _counted(count: Count | None) -> str:
    return "-" if count is None else f"{count[1]} of {count[0]}"


def _share(count: Count | None) -> float | None:
    return count[1] / count[0] if count and count[0] else None


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _have(count: int) -> str:
    return "has" if count == 1 else "have"
