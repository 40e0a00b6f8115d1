"""What Icarus Verilog has built of each design, read from the program that it compiles for vvp.

built(vvp, {"u0": "m1_"})  ->  {"u0": Tree}         for the instance u0, whose modules' names begin with m1_
driven_inputs(vvp, "top")  ->  ("a",)               the inputs of a root module that something in it drives
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
_SCOPE = re.compile(rf"S_0x[0-9a-f]+ \.scope module, {_TEXT} {_TEXT}[^;]*?(, S_0x[0-9a-f]+)?;")
_INPUT = re.compile(rf" +\.port_info \d+ /INPUT \d+ {_TEXT}")
_ARRAY = re.compile(rf"(v0x[0-9a-f]+) \.array\S* {_TEXT}")
_NET = re.compile(
    rf"v0x[0-9a-f]+_\d+ \.net\S* (?:{_TEXT}|(v0x[0-9a-f]+) \d+), [^;]*, ([a-zA-Z]+)_?0x[0-9a-f]+; +(\d+) drivers"
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


def driven_inputs(vvp: str, top: str) -> tuple[str, ...]:
    """Return the inputs of the root module `top` of which it is not known that nothing drives them.

    What is driven from outside alone is a functor of its own there (`o0x...`), which holds z and has no drivers; all
    that is connected to it in another way, gates, instances, switches, makes something else of it.
    """
    inputs: list[str] = []
    arrays: dict[str, str] = {}
    free: dict[str, bool] = {}
    inside = False
    for line in vvp.splitlines():
        if line.startswith("S_0x"):
            scope = _SCOPE.match(line)
            inside = scope is not None and scope[1] == top and not scope[3]
        elif not inside:
            continue
        elif found := _INPUT.match(line):
            inputs.append(found[1])
        elif found := _ARRAY.match(line):
            arrays[found[1]] = found[2]
        elif found := _NET.match(line):
            name = arrays.get(found[2], "") if found[1] is None else found[1]
            free[name] = free.get(name, True) and found[3] == "o" and found[4] == "0"
    return tuple(name for name in inputs if not free.get(name, False))


def _value(sign: str, bits: str, text: str) -> int:
    if not bits:
        return int.from_bytes(_OCTAL.sub(lambda m: chr(int(m[1], 8)) if m[1] else m[2], text).encode("latin-1"), "big")
    value = int(bits, 2)
    return value - (1 << len(bits)) if sign and bits[0] == "1" else value
