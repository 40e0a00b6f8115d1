"""What a design is elaborated into: its instances and the values of its parameters, by path.

    tree_of(elaborated.top)  ->  Tree                difference(front_end, simulator)  ->  "parameter u.W is 8 for ..."

Two readers that find different trees in one design do not read the same design. Generate blocks without a name are
left out of paths, for their numbers differ between tools.
"""

import dataclasses
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from pyslang.ast import SymbolKind

_UNNAMED = re.compile(r"genblk\d+(\[-?\d+\])*")
_UNSIZED = 1 << 32  # numbers without a size have 32 bits


@dataclasses.dataclass(frozen=True, slots=True)
class Tree:
    """`instances` are (path, module) below the top module, `parameters` (path, name) with each value found there."""

    instances: Counter[tuple[str, str]]
    parameters: dict[tuple[str, str], Counter[int]]


def tree_of(top: Any) -> Tree:
    """Return the tree of an elaborated instance; integers only, and of parameters those without unknown bits."""
    instances: Counter[tuple[str, str]] = Counter()
    parameters: dict[tuple[str, str], Counter[int]] = {}
    root = len(top.hierarchicalPath)

    def see(symbol: Any) -> None:
        where = plain(symbol.hierarchicalPath[root:].split("."))
        if symbol.kind == SymbolKind.Instance:
            if where:
                instances[where, symbol.definition.name] += 1
            return
        value: Any = symbol.value.value if symbol.value else None
        if not getattr(value, "hasUnknown", True):
            path, _, name = where.rpartition(".")
            parameters.setdefault((path, name), Counter())[int(value)] += 1

    top.visit(lookup_table={SymbolKind.Instance: see, SymbolKind.Parameter: see})
    return Tree(instances, parameters)


def plain(parts: list[str]) -> str:
    """Return a path without generate blocks that have no name."""
    return ".".join(part for part in parts if part and not _UNNAMED.fullmatch(part))


def difference(expected: Tree, built: Tree) -> str:
    """Return what the simulator has built otherwise than the front-end has elaborated it, or ""."""
    if expected.instances != built.instances:
        (path, module), *_ = (expected.instances - built.instances) | (built.instances - expected.instances)
        return f"instance {path} of {module} is there for one of them only"
    for (path, name), values in expected.parameters.items():
        found = built.parameters.get((path, name))
        if found is not None and within(found) != within(values):
            where = f"{path}.{name}" if path else name
            return f"parameter {where} is {min(values)} for the one and {min(found)} for the other"
    return ""


def within(values: Iterable[int]) -> set[int]:
    """Return values as unsigned numbers of 32 bits where they are no longer than that and a sign or a carry.

    Tools give an unsized number that does not fit into 32 bits one more bit, a sign, or neither: 2 ** 31, 2 ** 32 - 1.
    """
    return {value % _UNSIZED if abs(value) <= _UNSIZED else value for value in values}
