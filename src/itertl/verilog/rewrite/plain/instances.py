"""Instances and gates: every connection at the width of its port, arrays as vectors.

instance(scope, symbol, module)  ->  lines
"""

from collections.abc import Iterator
from typing import Any

from pyslang.ast import ArgumentDirection, ExpressionKind, SymbolKind

from itertl.verilog.rewrite.plain.assignments import target
from itertl.verilog.rewrite.plain.casts import cast
from itertl.verilog.rewrite.plain.places import place, text
from itertl.verilog.rewrite.plain.scope import Scope, UnsupportedError, has_strength, key_of, spelled
from itertl.verilog.rewrite.plain.types import declared, signed, width


def instance(scope: Scope, symbol: Any, module: str) -> Iterator[str]:
    """Yield the lines of an instance of `module`."""
    connections = []
    for connection in symbol.portConnections:
        port = spelled(connection.port.name)
        if connection.expression is None:
            connections.append(f".{port}()")
            continue
        direction = connection.port.direction
        if direction == ArgumentDirection.In:
            connections.append(f".{port}({scope.value(connection.expression)})")
        elif direction == ArgumentDirection.Out:
            kind = connection.port.type
            net, behind = _output(scope, connection.expression, (width(kind), signed(kind)), connection.port.name)
            connections.append(f".{port}({net})")
            yield from behind
        elif direction == ArgumentDirection.InOut:
            connections.append(f".{port}({_both_ways(scope, connection.expression, width(connection.port.type))})")
        else:
            raise UnsupportedError(f"the port {connection.port.name}")
    yield f"{module} {scope.fresh(scope.local_path(symbol))} ({', '.join(connections)});"


def joined(scope: Scope, symbol: Any) -> Iterator[str]:
    """Yield what connects the ports of an instance that has become a part of its module."""
    for connection in symbol.portConnections:
        port, expression = connection.port, connection.expression
        if port.kind == SymbolKind.InterfacePort or expression is None:
            continue
        kept, form = scope.kept[key_of(port.internalSymbol)], (width(port.type), signed(port.type))
        if port.direction == ArgumentDirection.In:
            yield f"{'assign' if kept.net else 'always_comb'} {kept.name} = {scope.value(expression)};"
        elif port.direction == ArgumentDirection.Out and expression.kind == ExpressionKind.Assignment:
            left = expression.left
            value = cast(kept.name, True, form, (width(left.type), signed(left.type)))
            yield f"{drives(scope, left)} {target(scope, left)} = {value};"
        else:
            raise UnsupportedError(f"the port {port.name} beside an interface")


def gate(scope: Scope, symbol: Any, kind: str) -> Iterator[str]:
    """Yield the lines of a gate of a `kind`."""
    if symbol.delay is not None or has_strength(symbol):
        raise UnsupportedError("a gate with a delay or a strength")
    connections = []
    for expression in symbol.portConnections:
        if expression.kind == ExpressionKind.Assignment:
            net, behind = _output(scope, expression, (width(expression.left.type), False), "out")
            yield from behind
            connections.append(net)
        else:
            connections.append(scope.value(expression))
    yield f"{kind} {scope.fresh(scope.local_path(symbol))} ({', '.join(connections)});"


def _output(scope: Scope, expression: Any, form: tuple[int, bool], name: str) -> tuple[str, list[str]]:
    """Return the net that an output drives, and the lines that carry its value to where it goes."""
    if expression.kind != ExpressionKind.Assignment:
        raise UnsupportedError(f"what the port {name} is connected with")
    left = expression.left
    if (nets := _nets(scope, left)) and width(left.type) == form[0]:
        return nets, []
    net = scope.fresh(f"{name}_out")
    lines = [f"wire {declared(*form)}{net};"]
    value = cast(net, True, form, (width(left.type), signed(left.type)))
    lines.append(f"{drives(scope, left)} {target(scope, left)} = {value};")
    return net, lines


def _nets(scope: Scope, node: Any) -> str:
    """Return what a port may drive directly, "" where that is no net or its place is not fixed."""
    if node.kind == ExpressionKind.Concatenation:
        parts = [_nets(scope, e) for e in node.operands]
        return f"{{{', '.join(parts)}}}" if all(parts) else ""
    found = place(scope, node)
    return text(found) if found is not None and found.fixed and found.kept.net else ""


def drives(scope: Scope, node: Any) -> str:
    """Return with which word something is driven all the time: `assign` for nets, else `always_comb`."""
    if node.kind == ExpressionKind.Concatenation:
        words = {drives(scope, e) for e in node.operands}
        if len(words) > 1:
            raise UnsupportedError("an assignment to nets and variables at once")
        return words.pop()
    found = place(scope, node)
    if found is None and node.kind == ExpressionKind.SimpleAssignmentPattern:
        return drives(scope, next(iter(node.elements)))
    return "always_comb" if found is not None and not found.kept.net else "assign"


def _both_ways(scope: Scope, node: Any, size: int) -> str:
    while node.kind == ExpressionKind.Conversion:
        node = node.operand
    if node.kind == ExpressionKind.Assignment:
        node = node.left
    nets = _nets(scope, node)
    if not nets or width(node.type) != size:
        raise UnsupportedError("an inout port of another width")
    return nets
