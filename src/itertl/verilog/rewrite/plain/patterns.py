"""Assignment patterns as concatenations of elements, each at its own width.

'{default: '0}   '{a, b}   '{valid: v, data: d}   '{4{8'h0}}        ->  {8'd0, 8'd0}   {a, b}   {v, d}   {...}
"""

from typing import Any

from pyslang.ast import ExpressionKind

from itertl.verilog.rewrite.plain.casts import cast
from itertl.verilog.rewrite.plain.constants import filled
from itertl.verilog.rewrite.plain.scope import Scope, UnsupportedError
from itertl.verilog.rewrite.plain.types import fields, length, signed, width


def joined(scope: Scope, node: Any) -> str:
    """Return a pattern as a concatenation; raise UnsupportedError where its elements are not all told."""
    elements, kinds = list(node.elements), _kinds(node.type)
    if node.kind == ExpressionKind.ReplicatedAssignmentPattern and len(elements) < len(kinds):
        elements *= int(scope.known(node.count))
    if len(kinds) != len(elements):
        raise UnsupportedError("an assignment pattern")
    return f"{{{', '.join(_as(scope, e, kind) for e, kind in zip(elements, kinds, strict=True))}}}"


def _kinds(kind: Any) -> list[Any]:
    if kind.isStruct or kind.isUnpackedStruct:
        return [field.type for field in fields(kind)]
    if kind.isUnpackedArray or kind.canonicalType.kind.name == "PackedArrayType":
        return [kind.arrayElementType] * length(kind)
    raise UnsupportedError("an assignment pattern")


def _as(scope: Scope, element: Any, kind: Any) -> str:
    if element.kind == ExpressionKind.UnbasedUnsizedIntegerLiteral:
        if not kind.isIntegral:
            return filled(element, width(kind), False)
        return filled(element, width(kind), signed(kind))
    written = scope.value(element)
    if width(element.type) == width(kind):
        return written
    return cast(written, False, (width(element.type), signed(element.type)), (width(kind), signed(kind)))
