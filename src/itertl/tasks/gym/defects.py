"""Plausible defects: what a designer, or a model, gets wrong in a module that still parses.

    inject("... q <= q + 4'd1; ...", rng)  ->  "... q <= q - 4'd1; ..."

The kinds: another operator, another constant or bit, the other clock edge or kind of reset, the other shift direction,
swapped branches, another reset value; where none of these applies, a complement too many or too few. A defect sits in
the body, never in the ports. It may, rarely, be one that changes nothing (the other order of two equal operands, say).

    pytest tests/tasks/test_gym.py -k defect
"""

import random
import re
from collections.abc import Callable, Iterator
from functools import lru_cache

SWAPS = {
    "+": "-",
    "-": "+",
    "&": "|",
    "|": "&",
    "^": "|",
    "&&": "||",
    "||": "&&",
    "==": "!=",
    "!=": "==",
    "<": "<=",
    ">": ">=",
    ">=": ">",
}
OPERATOR = re.compile(r"(?<=[\w\])}] )(?:&&|\|\||==|!=|>=|[-+&|^<>])(?= [\w\[(~!{$])")
LITERAL = re.compile(r"(\d+)'([bdh])([0-9a-f]+)\b")
SHIFT = re.compile(r"(?<= )(<<|>>>|>>)(?= )")
CHOICE = re.compile(r" \? ([^?:;()]+) : ([^?:;()]+);")
CONDITION = re.compile(r"\bif \((!?)(\w+)\)")
EDGE = re.compile(r"@\((posedge|negedge) \w+")
ASYNCHRONOUS = re.compile(r"( or (?:posedge|negedge) \w+)\)")
JOINED = re.compile(r"\{([^{}]+, [^{}]+)\}")
BIT = re.compile(r"(?<=\w\[)(\d+)(?=\])")
ASSIGNED = re.compile(r"assign \w+ = (~?)[&|]?\w+;")
RESET_VALUE = re.compile(r"\bif \(!?\w+\)(?: begin)?\s+\w+ <= (\d+'[bdh][0-9a-f]+)")

Edit = tuple[int, int, str]  # start, end, replacement


def inject(code: str, rng: random.Random) -> str | None:
    """Return `code` with one defect in its body, or None if none of the kinds applies."""
    start = code.find(");") + 2
    if start < 2:
        return None
    found = [edits for kind in KINDS if (edits := [e for e in kind(code, start) if code[e[0] : e[1]] != e[2]])]
    found = found or [edits for edits in [list(_complements(code, start))] if edits]
    if not found:
        return None
    begin, end, text = rng.choice(rng.choice(found))
    return code[:begin] + text + code[end:]


def _operators(code: str, start: int) -> Iterator[Edit]:
    for m in OPERATOR.finditer(code, start):
        yield m.start(), m.end(), SWAPS[m.group()]


def _constants(code: str, start: int) -> Iterator[Edit]:
    for m in LITERAL.finditer(code, start):
        for step in (1, -1):
            yield m.start(), m.end(), _moved(m.group(), step)


def _reset_values(code: str, start: int) -> Iterator[Edit]:
    for m in RESET_VALUE.finditer(code, start):
        yield m.start(1), m.end(1), _moved(m.group(1), 1)


@lru_cache(maxsize=1 << 12)
def _moved(literal: str, step: int) -> str:
    """Return the sized literal one step further, in the same base and with as many digits."""
    size, base, digits = re.split(r"'([bdh])", literal)
    value = (int(digits, {"b": 2, "d": 10, "h": 16}[base]) + step) % (1 << int(size))
    width = 0 if base == "d" else len(digits)
    return f"{size}'{base}{value:0{width}{base.replace('h', 'x')}}" if width else f"{size}'d{value}"


def _shifts(code: str, start: int) -> Iterator[Edit]:
    for m in SHIFT.finditer(code, start):
        yield m.start(), m.end(), ">>" if m.group() == "<<" else "<<"


def _branches(code: str, start: int) -> Iterator[Edit]:
    """Swap the arms of a conditional expression, the condition of an if, or the two parts of a concatenation."""
    for m in CHOICE.finditer(code, start):
        yield m.start(), m.end(), f" ? {m.group(2)} : {m.group(1)};"
    for m in CONDITION.finditer(code, start):
        yield m.start(), m.end(), f"if ({'' if m.group(1) else '!'}{m.group(2)})"
    for m in JOINED.finditer(code, start):
        parts = m.group(1).split(", ")
        for i in range(len(parts) - 1):
            swapped = [*parts[:i], parts[i + 1], parts[i], *parts[i + 2 :]]
            yield m.start(1), m.end(1), ", ".join(swapped)


def _bits(code: str, start: int) -> Iterator[Edit]:
    for m in BIT.finditer(code, start):
        yield m.start(), m.end(), str(max(int(m.group()) - 1, 0))


def _edges(code: str, start: int) -> Iterator[Edit]:
    for m in EDGE.finditer(code, start):
        yield m.start(1), m.end(1), "negedge" if m.group(1) == "posedge" else "posedge"
    for m in ASYNCHRONOUS.finditer(code, start):
        yield m.start(1), m.end(1), ""


def _complements(code: str, start: int) -> Iterator[Edit]:
    for m in ASSIGNED.finditer(code, start):
        yield m.start(1), m.end(1), "" if m.group(1) else "~"


KINDS: tuple[Callable[[str, int], Iterator[Edit]], ...] = (
    _operators,
    _constants,
    _reset_values,
    _shifts,
    _branches,
    _bits,
    _edges,
)
