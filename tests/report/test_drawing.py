"""What is taken from an SVG that nobody trusts: numbers, and labels as text."""

import json
from typing import Any

import pytest
from tests.report.pages import HOSTILE

from itertl.report.drawing import MOST, checked, drawing_of_svg

SVG = """<svg xmlns="http://www.w3.org/2000/svg" xmlns:s="https://example.org/netlistsvg" width="90" height="40.5">
  <style>text { fill: url(https://example.org/x) }</style>
  <g s:type="generic" transform="translate(10,20)" s:width="30" id="cell_$0">
    <text x="15" y="-4" class="nodelabel cell_$0" s:attribute="ref">$adff</text>
    <rect width="30" height="20" s:generic="body" class="cell_$0"/>
    <g transform="translate(0,10)" s:pid="in0"><text x="-3" y="-4" class="inputPortLabel cell_$0">CLK</text></g>
    <path d="M0,0 L0,25 L15,25 A15 12.5 0 0 0 15,0 Z" class="cell_$0"/>
    <circle cx="4" cy="5" r="3" class="cell_$0"/>
    <rect width="5" height="40" class="splitjoinBody"/>
  </g>
  <line x1="1" x2="2.25" y1="3" y2="3" class="net_2"/>
  <line x1="5" x2="6" y1="7" y2="7" class="net_2,3"/>
  <circle cx="8" cy="9" r="2" style="fill:#000" class="net_2"/>
</svg>"""


def test_outlines_wires_and_labels_are_numbers_from_one_origin() -> None:
    assert drawing_of_svg(SVG) == {
        "size": [90, 40.5],
        "wires": "M1 3L2.2 3",
        "buses": "M5 7L6 7",
        "body": "M10 20L40 20L40 40L10 40Z"
        "M10 20L10 45L25 45A15 12.5 0 0 0 25 20Z"
        "M11 25A3 3 0 0 1 17 25A3 3 0 0 1 11 25Z",
        "solid": "M10 20L15 20L15 60L10 60Z",
        "dots": [8, 9],
        "labels": [[25, 16, "m", "dff"], [7, 26, "e", "CLK"]],
    }


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        "<foreignObject width='9' height='9'><body onload='alert(1)'>x</body></foreignObject>",
        "<image href='https://example.org/x.png' width='9' height='9'/>",
        "<use href='#x'/>",
        "<a href='javascript:alert(1)'><text x='1' y='1'>x</text></a>",
        "<g transform='rotate(9)'><text x='1' y='1'>x</text></g>",
        "<animate attributeName='href' values='javascript:alert(1)'/>",
    ],
)
def test_everything_else_is_left_out(inside: str) -> None:
    found = drawing_of_svg(f'<svg width="9" height="9">{inside}</svg>')
    assert found == {"size": [9, 9], "dots": [], "labels": []} | dict.fromkeys(("wires", "buses", "body", "solid"), "")


def test_labels_are_short_visible_text() -> None:
    found = drawing_of_svg(f'<svg width="9" height="9"><text x="1" y="2">&lt;b onx=""&gt;\u202e{"x" * 99}</text></svg>')
    assert found
    assert found["labels"] == [[1, 2, "s", f'<b onx="">⟨U+202E⟩{"x" * 22}']]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Killed",
        HOSTILE,
        "<svg/>",
        '<svg width="9" height="1e9"></svg>',
        '<svg width="-1" height="9"></svg>',
        '<svg width="nan" height="9"></svg>',
        '<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg width="9" height="9"><text x="1" y="1">&a;</text></svg>',
        '<svg width="9" height="9"><line x1="1" class="net_1"/></svg>',
        '<svg width="9" height="9"><path d="M0"/></svg>',
        '<svg width="9" height="9">' + "<rect width='1' height='1'/>" * (MOST // 10) + "</svg>",
    ],
)
def test_what_is_no_drawing_or_too_large_is_none(text: str) -> None:
    assert drawing_of_svg(text) is None


def test_a_drawing_is_the_same_when_it_is_read_again() -> None:
    drawing = drawing_of_svg(SVG)
    assert checked(json.loads(json.dumps(drawing))) == drawing


@pytest.mark.parametrize(
    "change",
    [
        {"size": [9]},
        {"size": ["9", 9]},
        {"size": [9, True]},
        {"body": 'M0 0"/><script>'},
        {"wires": ["M0 0"]},
        {"dots": [1]},
        {"dots": ["a", "b"]},
        {"labels": None},
    ],
)
def test_a_drawing_from_a_file_that_is_another_thing_is_none(change: dict[str, Any]) -> None:
    drawing = drawing_of_svg(SVG)
    assert drawing
    assert checked(drawing | change) is None


def test_labels_from_a_file_that_are_none_are_left_out() -> None:
    drawing = drawing_of_svg(SVG)
    assert drawing
    labels = [[1, 2, "m", "kept"], [1, 2, "x", "side"], [1, "2", "m", "place"], [1, 2], "text", None]
    found = checked(drawing | {"labels": labels})
    assert found
    assert found["labels"] == [[1, 2, "m", "kept"]]
