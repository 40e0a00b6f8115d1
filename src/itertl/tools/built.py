"""What Icarus Verilog has built of each design, read from the program that it compiles for vvp.

built(vvp, {"u0": "m1_"})  ->  {"u0": Tree}         for the instance u0, whose modules' names begin with m1_
"""

import re
from collections import Counter
from collections.abc import Mapping

from itertl.verilog.tree import Tree, plain

_TEXT = r'"((?:[^"\\]|\\.)*)"'
_LINE = re.compile(
    rf"^(?:(S_0x[0-9a-f]+) \.scope (\w+), {_TEXT} {_TEXT}[^;]*?(?:, (S_0x[0-9a-f]+))?"
    rf"|P_0x[0-9a-f]+ \.param/(?:l|str) {_TEXT} \d+ \d+ \d+, (?:(\+?)C4<([01]+)>|{_TEXT}));",
    re.MULTILINE,
)
_OCTAL = re.compile(r"\\(?:([0-7]{3})|(.))")


def built(vvp: str, roots: Mapping[str, str]) -> dict[str, Tree]:
    """Return the tree of each instance in `roots`, whose names are there once, with their modules' prefix."""
    trees = {root: Tree(Counter(), {}) for root in roots}
    places: dict[str, tuple[str, list[str]]] = {}  # of each scope: the root above it, and the path from there
    at: tuple[str, list[str]] | None = None
    for scope, kind, name, module, parent, parameter, sign, bits, text in _LINE.findall(vvp):
        if not scope:
            if at is not None:
                value = _value(sign, bits, text)
                trees[at[0]].parameters.setdefault((plain(at[1]), parameter), Counter())[value] += 1
            continue
        above = places.get(parent)
        at = (name, []) if above is None and name in roots else above and (above[0], [*above[1], name])
        if at is None:
            continue
        places[scope] = at
        if kind == "module" and at[1]:
            trees[at[0]].instances[plain(at[1]), module.removeprefix(roots[at[0]])] += 1
    return trees


def _value(sign: str, bits: str, text: str) -> int:
    if not bits:
        return int.from_bytes(_OCTAL.sub(lambda m: chr(int(m[1], 8)) if m[1] else m[2], text).encode("latin-1"), "big")
    value = int(bits, 2)
    return value - (1 << len(bits)) if sign and bits[0] == "1" else value
