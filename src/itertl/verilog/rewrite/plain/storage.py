"""How each variable and net of a module is kept: a vector, or a memory where elements alone are used; wire or reg.

uses_of(body)  ->  Uses         keep(scope, symbol, uses, name)  ->  Kept
"""

import dataclasses
from collections import Counter
from collections.abc import Iterator
from typing import Any

from pyslang.ast import ArgumentDirection, ExpressionKind, StatementKind, SymbolKind, UnaryOperator

from itertl.verilog.rewrite.plain.scope import Kept, Scope, UnsupportedError, key_of
from itertl.verilog.rewrite.plain.types import MAX_BITS, length, ranged, signed, width

Key = tuple[str, int]
_BLOCKS = (SymbolKind.GenerateBlock, SymbolKind.GenerateBlockArray)
_NAMES = (ExpressionKind.NamedValue, ExpressionKind.HierarchicalValue)
_STEPS = (
    UnaryOperator.Preincrement,
    UnaryOperator.Predecrement,
    UnaryOperator.Postincrement,
    UnaryOperator.Postdecrement,
)


@dataclasses.dataclass(slots=True)
class Uses:
    """How often arrays are named, and how often an element of them; what drives what."""

    named: Counter[Key] = dataclasses.field(default_factory=Counter)
    elements: Counter[Key] = dataclasses.field(default_factory=Counter)
    ports: set[Key] = dataclasses.field(default_factory=set)
    wired: set[Key] = dataclasses.field(default_factory=set)  # by continuous assignments, gates and instances
    stepped: set[Key] = dataclasses.field(default_factory=set)  # by procedures


def members_of(scope: Any) -> Iterator[Any]:
    """Yield the members of a module, those of its generate blocks among them, in their order.

    So come those of interfaces in it, and of instances that are connected with one, behind the instance.
    """
    for member in scope:
        if member.kind == SymbolKind.GenerateBlock and member.isUninstantiated:
            continue
        if member.kind in _BLOCKS:
            yield from members_of(member)
        elif member.kind == SymbolKind.InstanceArray and any(dissolved(e) for e in _all_of(member)):
            yield from members_of(list(_all_of(member)))
        else:
            yield member
            if dissolved(member):
                yield from members_of(member.body)


def _all_of(array: Any) -> Iterator[Any]:
    for element in array.elements:
        if element.kind == SymbolKind.InstanceArray:
            yield from _all_of(element)
        else:
            yield element


def dissolved(member: Any) -> bool:
    """True if a member is an interface, or an instance that is connected with one: it becomes a part of its module."""
    if member.kind != SymbolKind.Instance:
        return False
    return bool(member.isInterface) or any(port.kind == SymbolKind.InterfacePort for port in member.body.portList)


def uses_of(body: Any) -> Uses:
    """Walk over a module once."""
    uses = Uses()
    for port in body.portList:
        if getattr(port, "internalSymbol", None) is not None:
            uses.ports.add(key_of(port.internalSymbol))
    for member in members_of(body):
        if member.kind == SymbolKind.ContinuousAssign:
            uses.wired.update(assigned_keys(member.assignment.left))
            _count(member.assignment, uses)
        elif member.kind in (SymbolKind.ProceduralBlock, SymbolKind.Subroutine):
            uses.stepped.update(written_keys(member))
            _count(member, uses)
        elif member.kind in (SymbolKind.Variable, SymbolKind.Net) and member.initializer is not None:
            _count(member.initializer, uses)
        else:
            if dissolved(member):
                uses.wired.update(_fed(member))
            for expression in connected(member):
                if expression.kind == ExpressionKind.Assignment:
                    uses.wired.update(assigned_keys(expression.left))
                _count(expression, uses)
    return uses


def _fed(instance: Any) -> Iterator[Key]:
    """Yield the inputs of an instance that becomes a part of its module."""
    for connection in instance.portConnections:
        if getattr(connection.port, "direction", None) == ArgumentDirection.In:
            yield key_of(connection.port.internalSymbol)


def connected(member: Any) -> Iterator[Any]:
    """Yield the expressions at the ports of an instance, a gate, or an array of them."""
    if member.kind == SymbolKind.InstanceArray:
        for element in member.elements:
            yield from connected(element)
    elif member.kind == SymbolKind.PrimitiveInstance:
        yield from member.portConnections
    elif member.kind == SymbolKind.Instance:
        for connection in member.portConnections:
            if connection.expression is not None and connection.port.kind != SymbolKind.InterfacePort:
                yield connection.expression


def _count(node: Any, uses: Uses) -> None:
    def name(expression: Any) -> None:
        if expression.symbol.kind != SymbolKind.Parameter and expression.type.isUnpackedArray:
            uses.named[key_of(expression.symbol)] += 1

    def element(expression: Any) -> None:
        if expression.type.isUnpackedArray:
            return
        value = expression.value
        while value.kind == ExpressionKind.ElementSelect and value.type.isUnpackedArray:
            value = value.value
        if value.kind in _NAMES and value.type.isUnpackedArray:
            uses.elements[key_of(value.symbol)] += 1

    def over(statement: Any) -> None:
        if statement.arrayRef.kind in _NAMES:
            uses.elements[key_of(statement.arrayRef.symbol)] += 1

    lookup: dict[Any, Any] = dict.fromkeys(_NAMES, name)
    lookup |= {ExpressionKind.ElementSelect: element, StatementKind.ForeachLoop: over}
    node.visit(lookup_table=lookup)


def written_keys(node: Any) -> set[Key]:
    """Return what the procedures below a node assign."""
    found: set[Key] = set()

    def see(expression: Any) -> None:
        if expression.kind == ExpressionKind.Assignment:
            found.update(assigned_keys(expression.left))
        elif expression.op in _STEPS:
            found.update(assigned_keys(expression.operand))

    node.visit(lookup_table={ExpressionKind.Assignment: see, ExpressionKind.UnaryOp: see})
    return found


def assigned_keys(target: Any) -> Iterator[Key]:
    """Yield the variables and nets that an assignment to `target` changes."""
    kind = target.kind
    if kind in _NAMES:
        yield key_of(target.symbol)
    elif kind in (ExpressionKind.ElementSelect, ExpressionKind.RangeSelect, ExpressionKind.MemberAccess):
        yield from assigned_keys(target.value)
    elif kind == ExpressionKind.Concatenation:
        for operand in target.operands:
            yield from assigned_keys(operand)
    elif kind == ExpressionKind.SimpleAssignmentPattern:
        for element in target.elements:
            yield from assigned_keys(element)
    elif kind == ExpressionKind.Streaming:
        for stream in target.streams:
            yield from assigned_keys(stream.operand)
    elif kind == ExpressionKind.Conversion:
        yield from assigned_keys(target.operand)


def keep(scope: Scope, symbol: Any, uses: Uses, name: str) -> Kept:
    """Decide how a variable or a net is kept, and enter it."""
    key, kind = key_of(symbol), symbol.type
    size, words = width(kind), 0
    wired, stepped = key in uses.wired, key in uses.stepped
    if wired and stepped and (kind.isScalar or not (kind.isAggregate or kind.isStruct or _nested(kind))):
        raise UnsupportedError(f"{symbol.name}, which a procedure and something else drive")
    elements_only = kind.isUnpackedArray and uses.named[key] == uses.elements[key]
    begins = symbol.initializer is not None and size <= MAX_BITS  # only a vector may be declared with its value
    if elements_only and not wired and not begins and key not in uses.ports:
        inner = kind
        while inner.isUnpackedArray:
            words = max(words, 1) * length(inner)
            inner = inner.arrayElementType
        size = width(inner)
    if size > MAX_BITS:
        raise UnsupportedError(f"{symbol.name}, an array of {size} bits")
    is_net = symbol.kind == SymbolKind.Net or (wired and not stepped and kind.isFourState)
    scope.kept[key] = kept = Kept(name, size, words, signed(kind), is_net, ranged(kind))
    return kept


def _nested(kind: Any) -> bool:
    return bool(kind.isPackedArray and kind.arrayElementType.bitWidth > 1)
