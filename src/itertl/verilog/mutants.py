"""Mutants of a reference: the same design with one plausible defect each, to measure how strong a bench is.

    for mutant in mutants(reference, top, count=20, seed=1): mutant.kind, mutant.line, mutant.change, mutant.code

A mutant elaborates, keeps the ports, and differs from the reference and from every other mutant in more than layout.
It may still behave like the reference; whether it does is for `formal.equivalence` or exhaustive simulation to say.
The gym's defects (`tasks.gym.defects`) stay apart: they are part of how its texts are generated, work on its own
layout alone, and may not move when a kind is added here, or its tasks would no longer follow from their seed.

    itertl mutate reference.v --count 20
"""

import dataclasses
import random
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pyslang.ast import SymbolKind

from itertl.errors import DataError
from itertl.verilog.clocking import find_clocking
from itertl.verilog.frontend import elaborate, parse, syntax_error
from itertl.verilog.interface import Port, differences, read_ports
from itertl.verilog.mutations import KINDS, Edit, Scope, edits
from itertl.verilog.tokens import normalise, to_ascii

_LONGEST = 60  # characters of a piece of code in a description


@dataclasses.dataclass(frozen=True, slots=True)
class Mutant:
    """A design with one defect: its kind (one of `KINDS`), the line in the reference, old -> new, the whole code."""

    kind: str
    line: int
    change: str
    code: str


def mutants(reference: str, top: str, count: int | None = None, seed: int = 0) -> list[Mutant]:
    """Return mutants of module `top` and of what it uses; all of them in the order of the code without `count`.

    With `count`, at most so many, drawn in turn from each kind, so that rare kinds are seen. Equal arguments give
    equal mutants. Raise DataError where the reference does not elaborate.
    """
    code = to_ascii(reference)
    tree = parse(code)
    if error := syntax_error(tree):
        raise DataError(f"the reference cannot be mutated, {error}")
    elaborated = elaborate(tree, top, share_instances=False)
    if elaborated.error or elaborated.top is None:
        raise DataError(f"the reference does not elaborate, {elaborated.error or f'no module {top}'}")
    ports = read_ports(elaborated.top)
    widths = {p.name: p.width for p in ports if p.direction == "input"}
    resets = {r.name: r.active for r in find_clocking(elaborated.top, widths).resets}
    found = list(dict.fromkeys(edits(tree.root, code, _scopes(elaborated.top), resets)))
    ordered = found if count is None else _in_turn(found, random.Random(seed))
    return list(_distinct(ordered, code, top, ports, count))


def _distinct(
    found: Iterable[Edit], code: str, top: str, ports: tuple[Port, ...], count: int | None
) -> Iterator[Mutant]:
    """Yield a mutant for each edit that gives a design of its own, at most `count`."""
    seen = {normalise(code)}
    for edit in found:
        if count is not None and len(seen) > count:
            return
        changed = apply(code, edit)
        identity = normalise(changed)
        if identity in seen or not _is_design(changed, top, ports):
            continue
        seen.add(identity)
        start = min(part[0] for part in edit.parts)
        yield Mutant(edit.kind, code.count("\n", 0, start) + 1, describe(code, edit), changed)


def apply(code: str, edit: Edit) -> str:
    """Return `code` with the parts of `edit` replaced."""
    for start, end, text in sorted(edit.parts, reverse=True):
        code = code[:start] + text + code[end:]
    return code


def describe(code: str, edit: Edit) -> str:
    """Return the edit in one line: old -> new, each shortened."""
    parts = sorted(edit.parts)
    old = " .. ".join(_short(code[start:end]) for start, end, _ in parts)
    new = " .. ".join(_short(text) for _, _, text in parts)
    return f"{old or 'nothing'} -> {new or 'nothing'}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3]}..."


def _is_design(code: str, top: str, ports: tuple[Port, ...]) -> bool:
    tree = parse(code)
    if syntax_error(tree):
        return False
    elaborated = elaborate(tree, top)
    return not elaborated.error and elaborated.top is not None and not differences(ports, read_ports(elaborated.top))


def _in_turn(found: Iterable[Edit], rng: random.Random) -> Iterator[Edit]:
    """Yield the edits in random order, but one of each kind after the other."""
    piles: dict[str, list[Edit]] = {kind: [] for kind in KINDS}
    for edit in found:
        piles[edit.kind].append(edit)
    for pile in piles.values():
        rng.shuffle(pile)
    while any(piles.values()):
        for pile in piles.values():
            if pile:
                yield pile.pop()


def _scopes(top: Any) -> Mapping[str, Scope]:
    """Return for each module the names that an expression may use instead of one another, with their widths."""
    scopes: dict[str, dict[str, tuple[str, int]]] = {}

    def see(instance: Any) -> None:
        names = scopes.setdefault(instance.definition.name, {})
        for member in instance.body:
            if member.kind in (SymbolKind.Net, SymbolKind.Variable) and member.type.isIntegral:
                names[member.name] = ("signal", member.type.bitWidth)
            elif member.kind == SymbolKind.TransparentMember and member.wrapped.kind == SymbolKind.EnumValue:
                names[member.name] = ("constant", member.wrapped.type.bitWidth)
            elif member.kind == SymbolKind.Parameter and member.type.isIntegral:
                names[member.name] = ("constant", member.type.bitWidth)

    top.visit(lookup_table={SymbolKind.Instance: see})
    return scopes
