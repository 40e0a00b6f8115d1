"""What a design can hold when its power comes on: variables that nothing drives all the time, nets without a driver.

    state_of(elaborated.top)  ->  (Held("u.count", 4), Held("mem", 8, (0, 15)), Held("open", 1, net=True))

Left out is what has no name that every tool spells alike: below generate blocks without a name, and automatic.
"""

import dataclasses
import re
from collections.abc import Iterator
from typing import Any

from pyslang.ast import ArgumentDirection, ExpressionKind, SymbolKind, VariableLifetime

_PLAIN = re.compile(r"[A-Za-z_][\w$]*(\[\d+\])?(\.[A-Za-z_][\w$]*(\[\d+\])?)*")
_UNNAMED = re.compile(r"\bgenblk\d+\b")
_SCOPES = (
    SymbolKind.GenerateBlock,
    SymbolKind.GenerateBlockArray,
    SymbolKind.InstanceArray,
    SymbolKind.StatementBlock,
    SymbolKind.Subroutine,
)
_DRIVERS = (SymbolKind.ContinuousAssign, SymbolKind.PrimitiveInstance)
MOST_BITS, MOST_WORDS = 1 << 14, 1 << 10  # of everything together; of a memory


@dataclasses.dataclass(frozen=True, slots=True)
class Held:
    """A variable or a net: its path below the top module, its bits, and of a memory the first and the last word."""

    path: str
    width: int
    words: tuple[int, int] | None = None
    net: bool = False

    @property
    def bits(self) -> int:
        """All bits, of all words."""
        return self.width * (1 + self.words[1] - self.words[0] if self.words else 1)


def state_of(top: Any) -> tuple[Held, ...]:
    """Return the state of an elaborated instance, in its order."""
    symbols: list[Any] = []
    driven = {port.internalSymbol.hierarchicalPath for port in top.body.portList if _is_input(port)}
    for symbol in _members(top.body):
        if symbol.kind in (SymbolKind.Variable, SymbolKind.Net):
            symbols.append(symbol)
        else:
            driven.update(_targets(symbol))
    root = f"{top.hierarchicalPath}."
    free = (s for s in symbols if s.hierarchicalPath not in driven)
    held = [h for s in free if (h := _held(s, s.hierarchicalPath.removeprefix(root))) is not None]
    return _affordable(held)


def _affordable(found: list[Held]) -> tuple[Held, ...]:
    """Return, in their order, the smallest of what was found, as many as MOST_BITS allow: a large one hides none."""
    left, kept = MOST_BITS, set[Held]()
    for held in sorted(found, key=lambda h: h.bits):
        left -= held.bits
        if left >= 0:
            kept.add(held)
    return tuple(held for held in found if held in kept)


def _is_input(port: Any) -> bool:
    return getattr(port, "internalSymbol", None) is not None and port.direction != ArgumentDirection.Out


def _members(scope: Any) -> Iterator[Any]:
    for member in scope:
        if member.kind == SymbolKind.Instance:
            yield member
            yield from _members(member.body)
        elif member.kind in _SCOPES:
            if member.kind != SymbolKind.StatementBlock or member.name:  # nobody can name what is in the others
                yield from _members(member)
        elif member.kind in (SymbolKind.Variable, SymbolKind.Net, *_DRIVERS):
            yield member


def _targets(symbol: Any) -> Iterator[str]:
    """Yield the paths of what a continuous assignment, a gate, or the ports of an instance may drive."""
    if symbol.kind == SymbolKind.ContinuousAssign:
        yield from _named(symbol.assignment)
    elif symbol.kind == SymbolKind.PrimitiveInstance:
        for expression in symbol.portConnections:
            yield from _named(expression)
    else:
        for connection in symbol.portConnections:
            if connection.expression is None:
                continue
            if getattr(connection.port, "direction", None) != ArgumentDirection.In:
                yield from _named(connection.expression)
            if _is_input(connection.port):
                yield connection.port.internalSymbol.hierarchicalPath


def _named(expression: Any) -> list[str]:
    """Return what an assignment assigns, else all that an expression names."""
    target = expression.left if expression.kind == ExpressionKind.Assignment else expression
    found: list[str] = []
    target.visit(lookup_table={ExpressionKind.NamedValue: lambda node: found.append(node.symbol.hierarchicalPath)})
    return found


def _held(symbol: Any, path: str) -> Held | None:
    kind, net = symbol.type, symbol.kind == SymbolKind.Net
    if not _PLAIN.fullmatch(path) or _UNNAMED.search(path):
        return None
    if net:
        plain = kind.isIntegral and symbol.initializer is None and symbol.netType.netKind.name in ("Wire", "Tri")
        return Held(path, kind.bitWidth, net=True) if plain else None
    if symbol.lifetime == VariableLifetime.Automatic:
        return None
    if kind.isIntegral:
        return Held(path, kind.bitWidth)
    if kind.isUnpackedArray and kind.hasFixedRange and kind.arrayElementType.isIntegral:
        low, high = sorted((kind.fixedRange.left, kind.fixedRange.right))
        return Held(path, kind.arrayElementType.bitWidth, (low, high)) if high - low < MOST_WORDS else None
    return None
