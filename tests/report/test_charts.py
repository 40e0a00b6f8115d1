import math
import re
import xml.etree.ElementTree as ET
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest

import itertl.report
from itertl.outcome import Outcome
from itertl.report.charts import (
    Axis,
    Bar,
    Caption,
    Frame,
    Line,
    Mark,
    Segment,
    dot_rows,
    line_chart,
    nice_ticks,
    stacked_columns,
    stacked_rows,
    value_axis,
)
from itertl.report.markup import Markup

CAPTION = Caption("c", "A <title>", "what it says")
UNIT = Axis(0, 1, ((0, "0"), (1, "1")))
# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB
VISION = {
    "normal": np.eye(3),
    "protan": np.array([[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]]),
    "deutan": np.array([[0.3673, 0.8606, -0.2280], [0.2801, 0.6725, 0.0474], [-0.0118, 0.0429, 0.9689]]),
    "tritan": np.array([[1.2555, -0.0767, -0.1788], [-0.0784, 0.9308, 0.1476], [0.0047, 0.6914, 0.3039]]),
}


def parse(svg: Markup) -> ET.Element:
    return ET.fromstring(svg)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.12, 0.71, [0.0, 0.2, 0.4, 0.6, 0.8]),
        (0, 1, [0, 0.5, 1]),
        (-3, 3, [-4, -2, 0, 2, 4]),
        (0, 7000, [0, 2000, 4000, 6000, 8000]),
    ],
)
def test_ticks_are_round_and_enclose(low: float, high: float, expected: list[float]) -> None:
    assert nice_ticks(low, high) == expected


@pytest.mark.parametrize(("low", "high"), [(0.5, 0.5), (math.nan, 1.0), (2.0, 1.0), (math.inf, math.inf)])
def test_ticks_of_an_empty_range(low: float, high: float) -> None:
    ticks = nice_ticks(low, high)
    assert len(ticks) >= 2
    assert all(math.isfinite(t) for t in ticks)


def test_value_axis_keeps_within_bounds() -> None:
    axis = value_axis([0.02, 0.99], floor=0, ceiling=1)
    assert (axis.low, axis.high) == (0, 1)
    assert {label for _, label in axis.ticks} == {"0.0", "0.5", "1.0"}


def test_line_chart_is_labelled_and_to_scale() -> None:
    frame = Frame(Axis(0, 2), UNIT, width=100, height=100, left=0, right=0, top=0, bottom=0)
    svg = parse(line_chart(CAPTION, frame, [Line("s", (Mark(0, 0, -0.5, 0.5, "first"), Mark(2, 1)))]))
    names = {child.tag: child for child in svg}
    assert names["title"].text == "A <title>"
    assert svg.get("aria-labelledby") == f"{names['title'].get('id')} {names['desc'].get('id')}"
    assert [p.get("points") for p in svg.iter("polyline")] == ["0.0,100.0 100.0,0.0"]
    whiskers = [line for line in svg.iter("line") if line.get("class") == "whisker"]
    assert (whiskers[0].get("y1"), whiskers[0].get("y2")) == ("50", "150")
    assert [t.text for t in svg.iter("title")][1] == "first"


def test_line_chart_without_dots_draws_a_band() -> None:
    marks = tuple(Mark(x, 0.5, 0.4, 0.6) for x in (0.0, 0.5, 1.0))
    svg = parse(line_chart(CAPTION, Frame(UNIT, UNIT), [Line("s", marks)], dots=False, separators=[0.5]))
    assert len(list(svg.iter("polygon"))) == 1
    assert not [c for c in svg.iter("circle") if c.get("class") == "dot"]
    assert [line for line in svg.iter("line") if line.get("class") == "separator"]


def test_columns_stack_to_the_full_height_first_segment_on_top() -> None:
    frame = Frame(Axis(0, 1), UNIT, width=100, height=120, left=0, right=0, top=10, bottom=10)
    bar = Bar("1", (Segment("top", 0.25, "t", href="#x"), Segment("low", 0.75, "l")))
    svg = parse(stacked_columns(CAPTION, frame, [bar]))
    boxes = {group.get("class"): box for group in svg for box in group.findall("rect")}
    top, low = boxes["mark top"], boxes["mark low"]
    assert (top.get("y"), top.get("height")) == ("10", "25")
    assert (low.get("y"), low.get("height")) == ("35", "75")
    assert next(svg.iter("a")).get("href") == "#x"


def test_rows_print_their_names_and_totals() -> None:
    rows = parse(stacked_rows(CAPTION, UNIT, [Bar("first", (Segment("s", 0.5, "tip"),), "30 s")]))
    dots = parse(dot_rows(CAPTION, UNIT, [("gym-test", [("a", Mark(0.5, 0, 0.4, 0.6, "tip", "0.50"))])]))
    assert {"first", "30 s"} <= {t.text for t in rows.iter("text")}
    assert {"gym-test", "0.50"} <= {t.text for t in dots.iter("text")}


def test_an_inner_interval_is_to_scale_and_ends_at_the_axis() -> None:
    rows = [("k", [("a", Mark(0.5, 0, inner=0.25)), ("a", Mark(0.9, 0, inner=0.25)), ("a", Mark(0.5, 0))])]
    svg = parse(dot_rows(CAPTION, UNIT, rows))
    spans = [(float(x.get("x1", "")), float(x.get("x2", ""))) for x in svg.iter("line") if x.get("class") == "inner"]
    (low, high), (_, last) = spans
    (*_, right) = sorted(float(text.get("x", "")) for text in svg.iter("text") if text.text == "1")
    assert high - low == pytest.approx((right - 116) / 2, abs=0.1)
    assert last == pytest.approx(right, abs=0.1)


def test_charts_of_nothing_are_well_formed() -> None:
    for svg in (
        line_chart(CAPTION, Frame(UNIT, UNIT), []),
        stacked_columns(CAPTION, Frame(UNIT, UNIT), []),
        stacked_rows(CAPTION, UNIT, []),
        dot_rows(CAPTION, UNIT, []),
    ):
        assert parse(svg).get("viewBox")


def perceived(colour: str, matrix: np.ndarray) -> np.ndarray:
    """Return the OKLab coordinates times 100 of `colour`, seen with the vision that `matrix` simulates."""
    value = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    seen = np.clip(matrix @ linear, 0, 1)
    cones = np.array([[0.41222, 0.53633, 0.05145], [0.21190, 0.68070, 0.10740], [0.08830, 0.28172, 0.62998]])
    lab = np.array([[0.21045, 0.79362, -0.00407], [1.97800, -2.42859, 0.45059], [0.02590, 0.78277, -0.80868]])
    return np.asarray(100 * lab @ np.cbrt(cones @ seen))


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("theme", [0, 1])
def test_colours_of_outcomes_can_be_told_apart(theme: int, vision: str) -> None:
    style = Path(itertl.report.__file__).with_name("report.css").read_text()
    colours = {o: re.findall(rf"--{o.value}: (#[0-9a-f]{{6}});", style)[theme] for o in Outcome}
    seen = {o: perceived(colour, VISION[vision]) for o, colour in colours.items()}
    assert min(np.linalg.norm(seen[a] - seen[b]) for a, b in combinations(Outcome, 2)) > 7
    assert min(np.linalg.norm(seen[a] - seen[b]) for a, b in pairwise(Outcome)) > 11


def test_tiny_values_keep_their_digits() -> None:
    axis = value_axis([0.0, 2e-5], floor=0)
    assert [label for _, label in axis.ticks] == ["0", "5e-06", "1e-05", "1.5e-05", "2e-05"]
