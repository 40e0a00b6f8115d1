"""Constants read twice: with numbers of 32 bits, as the front-end does, and with as many as they need.

    reads_otherwise(tree, "top", text, elaborated.top, decided)    ->  what is built in two ways, or ""
    with_sizes(tree, found, elaborated)    ->  the same design, its large numbers with a size (sized.py)
    indefinite(tree, text, elaborated)     ->  what is said of one in a concatenation, where it has no width, or ""

Numbers without a size have at least 32 bits (IEEE 1800-2017, 5.7.1), and tools give them more where 32 are too few:
`4294967296 == 0`, `2147483648 < 0`, `(1 << 33) == 0` are true for some and false for others. What is built must not
depend on it: generated blocks, instances, types, parameters, counts of replications, bounds of selects. The value of a
parameter may be a large number, all of which is meant.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from pyslang import Diags
from pyslang.ast import ExpressionKind, SymbolKind

from itertl.verilog.frontend import Elaborated, elaborate, parse
from itertl.verilog.rewrite.rewritten import Plain, edited
from itertl.verilog.sized import CUT, LARGE, MOST_DIGITS, joined, long_numbers, meant, sizes
from itertl.verilog.tree import within

_GROWS = re.compile(r"\*\*|<<|(?<![@(*])(?<!@ )\*(?![)*/])")
_GROWN = re.compile(r"\d\s*\)*\s*(?:\*\*?|<<)\s*\(*\s*\d|\bfunction\b")  # where nothing but numbers has a say
_SUMMED = 1 << 24  # what may not fit once it is summed up
_ENUMERATOR = re.compile(r"=(-?)(?:\d+'s?d)?(\d+)")
_NAMES = {
    SymbolKind.GenerateBlock: "generated block",
    SymbolKind.Instance: "instance",
    SymbolKind.Variable: "variable",
    SymbolKind.Net: "net",
    SymbolKind.Parameter: "parameter",
}
Part = tuple[str, Any]  # what it is, for people, and what both readings have to agree on


def with_sizes(tree: Any, found: Plain, elaborated: Elaborated) -> tuple[Any, Plain, Elaborated]:
    """Return a text that is parsed and elaborated with a size at each number that has none and needs more than 32 bits.

    As it was where there is none, or where it does not elaborate so.
    """
    changes = sizes(tree) if any(number >= LARGE for number in long_numbers(found.text)) else []
    if not changes:
        return tree, found, elaborated
    again = edited(found, changes)
    new = parse(again.text)
    sized = elaborate(new, elaborated.top.name, share_instances="interface" not in again.text)
    return (tree, found, elaborated) if sized.error or sized.top is None else (new, again, sized)


def indefinite(tree: Any, text: str, elaborated: Elaborated) -> str:
    """Return what the front-end says of a large number without a size in a concatenation, "" where there is none.

    The standard forbids all numbers without a size there (IEEE 1800-2017, 11.4.12); of small ones tools make 32 bits.
    """
    if all(number < LARGE for number in long_numbers(text)):
        return ""
    places = [change.start for change in sizes(tree)]
    for said in elaborated.compilation.getAllDiagnostics():
        at = said.location.offset
        if said.code == Diags.UnsizedInConcat and any(text[at:p].strip("( ") == "" for p in places if p >= at):
            line = text.count("\n", 0, at) + 1
            return f"line {line}: unsized integers of more than 32 bits are not allowed in concatenations"
    return ""


def reads_otherwise(tree: Any, top: str, text: str, elaborated: Any, decided: bool) -> str:
    """Return what a design is built of that hangs on the bits of its numbers, "" for nothing.

    `decided`: parameters and generated blocks have a say in what is built. A walk through the text decides whether the
    design is elaborated again: only where a number is large, or may become so. What is built must be the same with
    large numbers cut off, but for the upper bits of parameters; those must not depend on the size of small numbers.
    """
    numbers = long_numbers(text)
    large = any(number >= LARGE for number in numbers)
    grows = _GROWS.search(text) is not None and (decided or _GROWN.search(text) is not None)
    if not grows and not any(number >= _SUMMED for number in numbers):
        return ""
    if max(numbers, default=0) >= 10**MOST_DIGITS:
        return f"reads in two ways: a number without a size of more than {MOST_DIGITS} digits"
    again = elaborate(parse(joined(text, sizes(tree, 0))), top)
    if again.error or again.top is None:
        return "reads in two ways: a number needs more than 32 bits" if large else ""
    first, parts = list(_parts(elaborated)), list(_parts(again.top))
    if large:
        whole = elaborate(parse(meant(text)), top)
        whole_parts = [] if whole.error or whole.top is None else _parts(whole.top)
        what = _difference(map(_cut, first), map(_cut, parts)) or _difference(whole_parts, parts)
    else:
        what = _difference(first, parts)
    return f"reads in two ways: {what} depends on how many bits a number without a size has" if what else ""


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


def _cut(part: Part) -> Part:
    """Return a part with the last 32 bits of what parameters and enumerators are, which is all that is read of both."""
    name, value = part
    if isinstance(value, str) and "enum" in value:
        return name, _ENUMERATOR.sub(lambda found: f"={int(found[1] + found[2]) % CUT}", value)
    return name, {v % CUT for v in value} if isinstance(value, set) else value


def _known(value: Any) -> bool:
    return not getattr(getattr(value, "value", None), "hasUnknown", True)


def _difference(first: Iterable[Part], second: Iterable[Part]) -> str:
    one, other = list(first), list(second)
    different = (a[0] for a, b in zip(one, other, strict=False) if a != b)
    return next(different, "" if len(one) == len(other) else "what is generated")
