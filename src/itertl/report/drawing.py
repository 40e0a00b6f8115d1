"""A schematic as the page holds it: a few lists of numbers and short texts, taken from an SVG that nobody trusts.

Contract: `drawing_of_svg` keeps outlines, wires, junctions and labels of what netlistsvg has drawn and nothing else: no
element, attribute, style or address of the SVG enters the page, whose script draws anew from numbers. `checked` says
the same of a drawing that was read from a file. None is what cannot be drawn, or would be more than a page should hold.

    {"size": [w, h], "wires": "M1 2L3 4...", "buses": "...", "body": "...", "solid": "...", "dots": [x, y, ...],
     "labels": [[x, y, anchor, text], ...]}

    python -c "from itertl.report.drawing import *; print(drawing_of_svg('<svg width=\"1\" height=\"2\"></svg>'))"
"""

import json
import re
from collections.abc import Iterator
from xml.etree import ElementTree

from itertl.report.markup import visible
from itertl.report.parsing import Row, mapping, number

PATHS = ("wires", "buses", "body", "solid")
MOST = 60_000  # characters of one drawing as JSON
_LARGEST = 20_000  # units in either direction
_DEPTH = 8  # elements inside of each other
_LABEL = 40  # characters
_PATH = re.compile(r"[MLAZ0-9 .-]*")
_STEP = re.compile(r"([MLAZ])([^A-Za-z]*)")
_NUMBER = re.compile(r"-?\d{1,7}(?:\.\d*)?(?:e-\d+)?")
_ANCHORS = {"nodelabel": "m", "inputPortLabel": "e"}
_WORDS = {  # what a cell is called instead of by its type
    "reduce_and": "&", "reduce_or": "|", "reduce_bool": "|", "ne": "!=", "nex": "!==", "eqx": "===", "mul": "*",
    "div": "/", "mod": "%", "pow": "**", "neg": "-", "shl": "<<", "sshl": "<<<", "shr": ">>", "sshr": ">>>",
    "shift": ">>", "shiftx": "[ ]", "adff": "dff", "sdff": "dff", "dffe": "dff", "adffe": "dff", "sdffe": "dff",
    "sdffce": "dff", "aldff": "dff", "aldffe": "dff", "dffsr": "dff", "dffsre": "dff", "dlatch": "latch",
    "adlatch": "latch", "dlatchsr": "latch", "mem": "memory", "mem_v2": "memory", "0xNaN": "x",
}  # fmt: skip


def drawing_of_svg(text: str) -> Row | None:
    """Return the drawing in an SVG as netlistsvg writes them."""
    if "<!" in text or "<?" in text:  # entities and the like: netlistsvg writes none
        return None
    try:
        root = ElementTree.fromstring(text)
        size = [_number(root.get("width")), _number(root.get("height"))]
        drawing: Row = {"size": size, "wires": "", "dots": [], "labels": []} | dict.fromkeys(PATHS, "")
        for child in root:
            _take(child, 0.0, 0.0, 0, drawing)
    except (ElementTree.ParseError, ValueError, TypeError, LookupError, RecursionError):
        return None
    return checked(drawing)


def checked(value: object) -> Row | None:
    """Return a drawing with what the page's script draws, each thing of its kind; None where `value` is none."""
    row = mapping(value)
    size, dots, labels = (row.get(name) for name in ("size", "dots", "labels"))
    lists = isinstance(size, list) and isinstance(dots, list) and isinstance(labels, list)
    paths = {name: row.get(name) for name in PATHS}
    if not lists or not all(isinstance(path, str) and _PATH.fullmatch(path) for path in paths.values()):
        return None
    if [n for n in map(number, size) if n and 0 < n <= _LARGEST] != size or len(size) != 2:  # type: ignore[arg-type]
        return None
    if None in map(number, dots) or len(dots) % 2:  # type: ignore[arg-type]
        return None
    texts = [found for label in labels if (found := _label(label))]  # type: ignore[union-attr]
    drawing = {"size": size, **paths, "dots": dots, "labels": texts}
    return drawing if len(json.dumps(drawing)) <= MOST else None


def _label(value: object) -> list[object] | None:
    if (
        not isinstance(value, list)
        or len(value) != 4
        or None in map(number, value[:2])
        or value[2] not in ("s", "m", "e")
    ):
        return None
    return [*value[:3], visible(str(value[3]))[:_LABEL]]


def _take(node: ElementTree.Element, x: float, y: float, depth: int, drawing: Row) -> None:
    """Add to `drawing` what stands in an element whose origin is (x, y)."""
    kind, style = node.tag.rpartition("}")[2], node.get("class", "")
    if kind == "g" and depth < _DEPTH:
        moved = re.fullmatch(r"translate\(([^,()]+),([^,()]+)\)", node.get("transform", "translate(0,0)"))
        if moved:
            for child in node:
                _take(child, x + _number(moved[1]), y + _number(moved[2]), depth + 1, drawing)
        return
    at = {name: _number(value) for name, value in node.attrib.items() if _NUMBER.fullmatch(value)}
    net = style.startswith("net_")
    if kind == "line":
        target = "body" if not net else "buses" if "," in style else "wires"
        ends = x + at["x1"], y + at["y1"], x + at["x2"], y + at["y2"]
        drawing[target] += "M{} {}L{} {}".format(*map(_short, ends))
    elif kind == "circle" and net:
        drawing["dots"] += [_round(x + at["cx"]), _round(y + at["cy"])]
    elif kind == "circle":
        drawing["body"] += _circle(x + at["cx"], y + at["cy"], at["r"])
    elif kind == "rect":
        target = "solid" if "splitjoin" in style else "body"
        drawing[target] += _rectangle(x + at.get("x", 0.0), y + at.get("y", 0.0), at["width"], at["height"])
    elif kind == "path":
        drawing["body"] += "".join(_moved(node.get("d", ""), x, y))
    elif kind == "text" and (said := (node.text or "").strip()):
        anchor = next((short for name, short in _ANCHORS.items() if name in style), "s")
        said = said.removeprefix("$")
        drawing["labels"].append([_round(x + at["x"]), _round(y + at["y"]), anchor, _WORDS.get(said, said)])


def _moved(path: str, x: float, y: float) -> Iterator[str]:
    """Yield the steps of a path, all of them absolute, moved by (x, y)."""
    for step, text in _STEP.findall(path):
        numbers = [float(found) for found in _NUMBER.findall(text)]
        if step == "A":
            numbers[5:7] = [numbers[5] + x, numbers[6] + y]
        elif step != "Z":
            numbers[0:2] = [numbers[0] + x, numbers[1] + y]
        yield step + " ".join(map(_short, numbers))


def _circle(x: float, y: float, r: float) -> str:
    half = f"A{_short(r)} {_short(r)} 0 0 1"
    return f"M{_short(x - r)} {_short(y)}{half} {_short(x + r)} {_short(y)}{half} {_short(x - r)} {_short(y)}Z"


def _rectangle(x: float, y: float, width: float, height: float) -> str:
    left, right, top, bottom = map(_short, (x, x + width, y, y + height))
    return f"M{left} {top}L{right} {top}L{right} {bottom}L{left} {bottom}Z"


def _number(text: str | None) -> float:
    """Return the number that an attribute is; raise ValueError where it is another thing."""
    if text is None or not _NUMBER.fullmatch(text):
        raise ValueError(f"expected a number, found {text!r}")
    return float(text)


def _round(value: float) -> float:
    return float(_short(value))


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
