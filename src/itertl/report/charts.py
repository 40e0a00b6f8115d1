"""Charts as inline SVG text: lines with intervals, dots with whiskers, stacked bars upright and lying.

Contract: a function maps numbers to one <svg> that scales with its container and names itself to assistive software
(<title>, <desc>); colours come from the style sheet through class names; the same numbers give the same text. Every
mark carries a <title>, which the page's script turns into a tooltip that mouse and arrow keys reach.

    python -c "from itertl.report.charts import nice_ticks; print(nice_ticks(0.12, 0.71))"
"""

import dataclasses
import math
from collections.abc import Sequence

from itertl.report.markup import Markup, element


@dataclasses.dataclass(frozen=True)
class Axis:
    """A range of values, the ticks on it (value, label), and what it measures."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...] = ()
    label: str = ""

    def share(self, value: float) -> float:
        """Return where `value` lies between the ends: 0 to 1."""
        return (value - self.low) / ((self.high - self.low) or 1.0)


PERCENT = Axis(0, 1, tuple((share, f"{share:.0%}") for share in (0, 0.25, 0.5, 0.75, 1)))


@dataclasses.dataclass(frozen=True)
class Mark:
    """A value with its interval (None: none known), the text of its tooltip, and a label to print beside it.

    `inner` is the half-width of a second interval inside the first, drawn broad by `dot_rows`.
    """

    x: float
    y: float
    low: float | None = None
    high: float | None = None
    tip: str = ""
    label: str = ""
    inner: float | None = None


@dataclasses.dataclass(frozen=True)
class Line:
    """Marks joined by a line, in the colour of the style-sheet class `style`."""

    style: str
    marks: tuple[Mark, ...]


@dataclasses.dataclass(frozen=True)
class Segment:
    """A part of a bar: `value` in units of the chart's axis; `href` makes it a link."""

    style: str
    value: float
    tip: str
    label: str = ""
    href: str | None = None


@dataclasses.dataclass(frozen=True)
class Bar:
    """Segments stacked in their order, under a name."""

    name: str
    segments: tuple[Segment, ...]
    total: str = ""


@dataclasses.dataclass(frozen=True)
class Caption:
    """What a chart is called and says; `key` is unique in the page."""

    key: str
    title: str
    description: str


@dataclasses.dataclass(frozen=True)
class Frame:
    """The plotting area inside a drawing of `width` by `height` units, and the two axes that span it."""

    x: Axis
    y: Axis
    width: float = 560
    height: float = 300
    left: float = 46
    right: float = 16
    top: float = 18
    bottom: float = 46

    def px(self, value: float) -> float:
        """Return the horizontal position of `value`."""
        return self.left + self.x.share(value) * (self.width - self.left - self.right)

    def py(self, value: float) -> float:
        """Return the vertical position of `value`; the axis grows upwards."""
        return self.height - self.bottom - self.y.share(value) * (self.height - self.top - self.bottom)


def nice_ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Return about `count` round values (steps of 1, 2 or 5 times a power of ten) that enclose `low` to `high`."""
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        low, high = (low - 0.5, low + 0.5) if math.isfinite(low) else (0.0, 1.0)
    raw = (high - low) / max(1, count - 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= raw * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(i * step, 12) for i in range(first, last + 1)]


TINY = 1e-3  # values that are all below are written with an exponent


def value_axis(
    values: Sequence[float], label: str = "", floor: float | None = None, ceiling: float | None = None
) -> Axis:
    """Return an axis with round ends around `values`, never beyond `floor` and `ceiling`."""
    ticks = nice_ticks(min(values, default=0.0), max(values, default=1.0))
    ticks = [t for t in ticks if (floor is None or t >= floor) and (ceiling is None or t <= ceiling)]
    places = max((len(f"{t:.6f}".rstrip("0").partition(".")[2]) for t in ticks), default=0)
    tiny = 0 < max(map(abs, ticks)) < TINY
    return Axis(ticks[0], ticks[-1], tuple((t, f"{t:g}" if tiny else f"{t:.{places}f}") for t in ticks), label)


def line_chart(
    caption: Caption,
    frame: Frame,
    lines: Sequence[Line],
    *,
    dots: bool = True,
    separators: Sequence[float] = (),
) -> Markup:
    """Return lines with whiskers on their dots or, with `dots` off, with a band between `low` and `high`."""
    parts: list[Markup] = [grid(frame)]
    clip = f"{caption.key}-area"
    width, height = frame.width - frame.left - frame.right, frame.height - frame.top - frame.bottom
    area = element("rect", x=frame.left - 8, y=frame.top - 8, width=width + 16, height=height + 14)
    parts.append(element("clipPath", area, id=clip))
    bottom = frame.height - frame.bottom
    parts += [stroke("separator", frame.px(x), frame.top, frame.px(x), bottom) for x in separators]
    drawn = [
        element("g", *_line_parts(frame, line, dots), class_=f"series {line.style}") for line in lines if line.marks
    ]
    parts.append(element("g", *drawn, clip_path=None if dots else f"url(#{clip})"))
    return drawing(caption, frame.width, frame.height, parts)


def dot_rows(
    caption: Caption, axis: Axis, rows: Sequence[tuple[str, Sequence[tuple[str, Mark]]]], least: float = 256
) -> Markup:
    """Return one row a name, holding a dot with a lying whisker for each (style, mark); values are `mark.x`."""
    pitch = 24.0
    gap = max(20.0, (least - pitch * sum(len(dots) for _, dots in rows)) / max(1, len(rows)))
    heights = [pitch * max(1, len(dots)) + gap for _, dots in rows]
    frame = Frame(axis, Axis(0, 1), height=sum(heights) + 64, left=116, right=56)
    parts: list[Markup] = [grid(frame, upright=True)]
    top = frame.top
    for (name, dots), height in zip(rows, heights, strict=True):
        parts.append(element("text", name, x=frame.left - 14, y=top + height / 2 + 4, class_="name"))
        for index, (style, mark) in enumerate(dots):
            parts.append(_lying_dot(frame, style, mark, top + gap / 2 + pitch * (index + 0.5)))
        top += height
        parts.append(stroke("rule", 0, top, frame.width, top))
    return drawing(caption, frame.width, frame.height, parts)


def stacked_columns(caption: Caption, frame: Frame, bars: Sequence[Bar]) -> Markup:
    """Return upright bars side by side; the first segment of a bar lies on top."""
    parts: list[Markup] = [grid(frame)]
    pitch = (frame.width - frame.left - frame.right) / max(1, len(bars))
    width = min(56.0, pitch * 0.72)
    for index, bar in enumerate(bars):
        middle = frame.left + pitch * (index + 0.5)
        level = 0.0
        for segment in reversed(bar.segments):
            bottom, level = level, level + segment.value
            box = (middle - width / 2, frame.py(level), width, frame.py(bottom) - frame.py(level))
            parts.append(_segment(segment, box))
        parts.append(element("text", bar.name, x=middle, y=frame.height - frame.bottom + 20, class_="tick middle"))
    return drawing(caption, frame.width, frame.height, parts, group=True)


def stacked_rows(caption: Caption, axis: Axis, bars: Sequence[Bar], width: float = 1120) -> Markup:
    """Return lying bars one below the other; the first segment of a bar lies leftmost, the total is printed behind."""
    pitch = 34.0
    frame = Frame(axis, Axis(0, 1), width=width, height=pitch * len(bars) + 58, left=104, right=96)
    parts: list[Markup] = [grid(frame, upright=True)]
    for index, bar in enumerate(bars):
        top, level = frame.top + pitch * index + 5, 0.0
        for segment in bar.segments:
            left, level = level, level + segment.value
            parts.append(_segment(segment, (frame.px(left), top, frame.px(level) - frame.px(left), pitch - 10)))
        parts.append(element("text", bar.name, x=frame.left - 12, y=top + 16, class_="name"))
        parts.append(element("text", bar.total, x=frame.px(level) + 8, y=top + 16, class_="value"))
    return drawing(caption, frame.width, frame.height, parts)


def drawing(caption: Caption, width: float, height: float, parts: Sequence[Markup], group: bool = False) -> Markup:
    """Return the <svg> around `parts`; a `group` holds links."""
    return element(
        "svg",
        element("title", caption.title, id=f"{caption.key}-title"),
        element("desc", caption.description, id=f"{caption.key}-desc"),
        *parts,
        id=caption.key,
        class_="chart",
        viewBox=f"0 0 {width:g} {height:g}",
        role="group" if group else "img",
        tabindex=0,
        aria_labelledby=f"{caption.key}-title {caption.key}-desc",
    )


def grid(frame: Frame, upright: bool = False) -> Markup:
    """Grid lines across the value axis (`upright`: the horizontal one), tick labels on both, axis labels."""
    bottom, right = frame.height - frame.bottom, frame.width - frame.right
    parts = []
    for value, label in frame.y.ticks:
        parts.append(stroke("rule", frame.left, frame.py(value), right, frame.py(value)))
        parts.append(element("text", label, x=frame.left - 8, y=frame.py(value) + 4, class_="tick end"))
    for value, label in frame.x.ticks:
        if upright:
            parts.append(stroke("rule", frame.px(value), frame.top, frame.px(value), bottom))
        parts.append(element("text", label, x=frame.px(value), y=bottom + 20, class_="tick middle"))
    if not upright:
        parts.append(stroke("base", frame.left, bottom, right, bottom))
    if frame.x.label:
        x = (frame.left + right) / 2
        parts.append(element("text", frame.x.label, x=x, y=frame.height - 6, class_="axis middle"))
    return element("g", *parts, class_="grid", aria_hidden="true")


def _line_parts(frame: Frame, line: Line, dots: bool) -> list[Markup]:
    parts = []
    known = [(frame.px(m.x), m.low, m.high) for m in line.marks if m.low is not None and m.high is not None]
    if not dots and len(known) > 1:
        edge = [f"{x:.1f},{frame.py(high):.1f}" for x, _, high in known if high is not None]
        edge += [f"{x:.1f},{frame.py(low):.1f}" for x, low, _ in reversed(known) if low is not None]
        parts.append(element("polygon", points=" ".join(edge), class_="band"))
    path = " ".join(f"{frame.px(m.x):.1f},{frame.py(m.y):.1f}" for m in line.marks)
    parts.append(element("polyline", points=path, class_="line" if dots else "line fine"))
    parts += [_upright_dot(frame, mark) if dots else _target(frame, mark) for mark in line.marks]
    return parts


def _upright_dot(frame: Frame, mark: Mark) -> Markup:
    x, y, peak = frame.px(mark.x), frame.py(mark.y), frame.py(mark.y)
    parts = [element("title", mark.tip)]
    if mark.low is not None and mark.high is not None:
        peak, foot = frame.py(mark.high), frame.py(mark.low)
        parts += [stroke("whisker", x, peak, x, foot), stroke("whisker", x - 5, peak, x + 5, peak)]
        parts.append(stroke("whisker", x - 5, foot, x + 5, foot))
    parts.append(element("circle", cx=x, cy=y, r=5, class_="dot"))
    if mark.label:
        parts.append(element("text", mark.label, x=x, y=peak - 8, class_="value middle"))
    return element("g", *parts, class_="mark")


def _lying_dot(frame: Frame, style: str, mark: Mark, y: float) -> Markup:
    x = frame.px(mark.x)
    parts = [element("title", mark.tip)]
    if mark.low is not None and mark.high is not None:
        start, edge = frame.px(mark.low), frame.px(mark.high)
        parts += [stroke("whisker", start, y, edge, y), stroke("whisker", start, y - 5, start, y + 5)]
        parts.append(stroke("whisker", edge, y - 5, edge, y + 5))
    if mark.inner is not None:
        ends = (mark.x - mark.inner, mark.x + mark.inner)
        start, edge = (frame.px(min(max(end, frame.x.low), frame.x.high)) for end in ends)
        parts.append(stroke("inner", start, y, edge, y))
    parts.append(element("circle", cx=x, cy=y, r=5.5, class_="dot"))
    parts.append(element("text", mark.label, x=frame.width, y=y + 4, class_="value end"))
    return element("g", *parts, class_=f"mark series {style}")


def _target(frame: Frame, mark: Mark) -> Markup:
    circle = element("circle", cx=frame.px(mark.x), cy=frame.py(mark.y), r=5, class_="target")
    return element("g", element("title", mark.tip), circle, class_="mark")


def _segment(segment: Segment, box: tuple[float, float, float, float]) -> Markup:
    x, y, width, height = box
    parts = [element("title", segment.tip)]
    parts.append(element("rect", x=x, y=y, width=max(width, 0.0), height=max(height, 0.0), class_="segment"))
    if segment.label and height >= 16 and width >= 7.5 * len(segment.label):
        parts.append(element("text", segment.label, x=x + width / 2, y=y + height / 2 + 4, class_="inside middle"))
    if segment.href is None:
        return element("g", *parts, class_=f"mark {segment.style}")
    return element("a", *parts, class_=f"mark {segment.style}", href=segment.href, tabindex=-1)


def stroke(style: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    """Return a straight line in the style-sheet class `style`."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=style)
