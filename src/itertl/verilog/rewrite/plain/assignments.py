"""Assignments: what is assigned, and the value at its width.

assigned(scope, expression)  ->  "y = a + b;"          driven(scope, expression)  ->  ("y", "a + b")
"""

from typing import Any

from pyslang.ast import ExpressionKind, UnaryOperator

from itertl.verilog.rewrite.plain.places import place, text
from itertl.verilog.rewrite.plain.scope import Scope, UnsupportedError
from itertl.verilog.rewrite.plain.streams import first_bits, reordered
from itertl.verilog.rewrite.plain.types import signed, width

_STEPS = {
    UnaryOperator.Preincrement: "+",
    UnaryOperator.Postincrement: "+",
    UnaryOperator.Predecrement: "-",
    UnaryOperator.Postdecrement: "-",
}


def assigned(scope: Scope, node: Any) -> str:
    """Return an assignment as a statement."""
    if node.timingControl is not None:
        raise UnsupportedError("a delay inside an assignment")
    target, value = driven(scope, node)
    return f"{target} {'<=' if node.isNonBlocking else '='} {value};"


def driven(scope: Scope, node: Any) -> tuple[str, str]:
    """Return what an assignment assigns, and its value."""
    before, scope.current = scope.current, node.left
    right = node.right if node.left.kind == ExpressionKind.Streaming else _untruncated(node.right)
    value = scope.value(right)
    scope.current = before
    if node.left.kind == ExpressionKind.Streaming:
        total = int(node.left.bitstreamWidth)
        given = int(right.bitstreamWidth) if right.kind == ExpressionKind.Streaming else width(right.type)
        if given < total:
            raise UnsupportedError("a stream that is too short for its target")
        value = first_bits(scope, value, given, total)
        if node.left.sliceSize:
            value = reordered(scope, value, total, int(node.left.sliceSize))
    return target(scope, node.left), value


def _untruncated(node: Any) -> Any:
    """Return a value without a conversion that only cuts it off, which an assignment does as well."""
    while node.kind == ExpressionKind.Conversion and not node.constant:
        inner = node.operand
        if not (inner.type.isIntegral and node.type.isIntegral) or inner.kind == ExpressionKind.Streaming:
            break
        if width(inner.type) < width(node.type) or inner.kind == ExpressionKind.UnbasedUnsizedIntegerLiteral:
            break
        node = inner
    return node


def target(scope: Scope, node: Any) -> str:
    """Return what is assigned as source."""
    if node.kind == ExpressionKind.Concatenation:
        return f"{{{', '.join(target(scope, e) for e in node.operands)}}}"
    if node.kind == ExpressionKind.SimpleAssignmentPattern:
        return f"{{{', '.join(target(scope, e) for e in node.elements)}}}"
    if node.kind == ExpressionKind.Streaming:
        return f"{{{', '.join(target(scope, s.operand) for s in node.streams)}}}"
    found = place(scope, node)
    if found is None:
        raise UnsupportedError("something that cannot be assigned")
    return text(found)


def stepped(scope: Scope, node: Any) -> str:
    """Return an increment or decrement as a statement."""
    if node.op not in _STEPS:
        raise UnsupportedError("an expression as a statement")
    operand = node.operand
    one = f"{width(operand.type)}'{'s' * signed(operand.type)}d1"
    return f"{target(scope, operand)} = {scope.value(operand)} {_STEPS[node.op]} {one};"
