"""Constants read twice: with numbers of 32 bits, as the front-end does, and with as many as they need.

    reads_otherwise(tree, "top", text, elaborated.top, decided)  ->  what is built in two ways, or ""

Numbers without a size have at least 32 bits (IEEE 1800-2017, 5.7.1), and tools give them more where 32 are too few:
`4294967296 == 0`, `2147483648 < 0`, `(1 << 33) == 0` are true for some and false for others. What is built must not
depend on it: generated blocks, instances, types, parameters, counts of replications, bounds of selects.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from pyslang.ast import ExpressionKind, SymbolKind
from pyslang.syntax import SyntaxKind

from itertl.verilog.frontend import elaborate, parse
from itertl.verilog.tree import within

_LARGE = re.compile(r"(?<![\w'$.])[1-9][\d_]{6,}(?![\w.])")
_GROWS = re.compile(r"\*\*|<<|(?<![@(*])(?<!@ )\*(?![)*/])")
_GROWN = re.compile(r"\d\s*\)*\s*(?:\*\*?|<<)\s*\(*\s*\d|\bfunction\b")  # where nothing but numbers has a say
_SUMMED, _FITS = 1 << 24, 1 << 31  # what may not fit once it is summed up, and what does not
_BITS = 64
_NAMES = {
    SymbolKind.GenerateBlock: "generated block",
    SymbolKind.Instance: "instance",
    SymbolKind.Variable: "variable",
    SymbolKind.Net: "net",
    SymbolKind.Parameter: "parameter",
}
Part = tuple[str, Any]  # what it is, for people, and what both readings have to agree on


def reads_otherwise(tree: Any, top: str, text: str, elaborated: Any, decided: bool) -> str:
    """Return what a design is built of that hangs on the bits of its numbers, "" for nothing.

    `decided`: parameters and generated blocks have a say in what is built. A walk through the text decides whether the
    design is elaborated again: only where a number is large, or may become so.
    """
    numbers = [int(found[0].replace("_", "")[:1000]) for found in _LARGE.finditer(text)]
    large = any(number >= _FITS for number in numbers)
    grows = _GROWS.search(text) is not None and (decided or _GROWN.search(text) is not None)
    if not grows and not any(number >= _SUMMED for number in numbers):
        return ""
    again = elaborate(parse(_widened(tree, text)), top)
    if again.error or again.top is None:
        return "reads in two ways: a number needs more than 32 bits" if large else ""
    what = _difference(_parts(elaborated), _parts(again.top))
    return f"reads in two ways: {what} depends on how many bits a number without a size has" if what else ""


def _widened(tree: Any, text: str) -> str:
    """Return the text with all numbers without a size as long ones, but for those of enumerations."""
    literals: list[Any] = []
    tree.root.visit(lookup_table={SyntaxKind.IntegerLiteralExpression: literals.append})
    for literal in sorted(literals, key=lambda node: -node.sourceRange.start.offset):
        digits = literal.literal.rawText.replace("_", "")
        if digits.isdecimal() and not _in_enumeration(literal):
            bits = max(_BITS, int(digits[:1000]).bit_length() + 1)
            start, end = literal.sourceRange.start.offset, literal.sourceRange.end.offset
            text = f"{text[:start]}({bits}'sd{digits[:1000]}){text[end:]}"
    return text


def _in_enumeration(node: Any) -> bool:
    while node is not None and node.kind != SyntaxKind.EnumType:
        node = node.parent
    return node is not None


def _parts(top: Any) -> list[Part]:
    """Return what an elaborated instance is built of, in its order."""
    found: list[Part] = []

    def symbol(node: Any) -> None:
        path = node.hierarchicalPath
        value: Any = node.isUninstantiated if node.kind == SymbolKind.GenerateBlock else ""
        if node.kind in (SymbolKind.Variable, SymbolKind.Net):
            value = str(node.type.canonicalType)
        elif node.kind == SymbolKind.Parameter:
            value = within([int(node.value.value)]) if _known(node.value) else ""
        found.append((f"{_NAMES[node.kind]} {path.partition('.')[2] or path}", value))

    def constants(name: str, *of: str) -> Callable[[Any], None]:
        def see(node: Any) -> None:
            values = (getattr(node, attribute).constant for attribute in of)
            found.append((name, [int(v.value) if _known(v) else None for v in values]))

        return see

    table: dict[Any, Callable[[Any], None]] = dict.fromkeys(_NAMES, symbol)
    table[ExpressionKind.Replication] = constants("a count of copies", "count")
    table[ExpressionKind.ElementSelect] = constants("a select", "selector")
    table[ExpressionKind.RangeSelect] = constants("a select", "left", "right")
    top.visit(lookup_table=table)
    return found


def _known(value: Any) -> bool:
    return not getattr(getattr(value, "value", None), "hasUnknown", True)


def _difference(first: Iterable[Part], second: Iterable[Part]) -> str:
    one, other = list(first), list(second)
    different = (a[0] for a, b in zip(one, other, strict=False) if a != b)
    return next(different, "" if len(one) == len(other) else "what is generated")
