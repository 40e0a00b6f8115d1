"""Edits for values of arrays and structures that Icarus Verilog 11 refuses, found on the elaborated design.

m <= '{default: 0};   m = n;   m[1:3] <= m[0:2];      ->  one assignment for each element
logic [7:0] m [0:1] = '{1, 2};   localparam too       ->  the declaration, then initial begin m[0] = 1; ... end
localparam logic [3:0][7:0] T = ...;                  ->  wire logic [3:0][7:0] T = ...;
'{valid: v, data: d}  '{a, b}  (packed)               ->  {1'(v), 8'(d)}
"""

import dataclasses
from collections.abc import Iterator
from typing import Any

from pyslang.ast import ExpressionKind, SymbolKind
from pyslang.syntax import SyntaxKind

MAX_ELEMENTS = 4096  # assignments that one statement may become

_PATTERNS = (
    ExpressionKind.SimpleAssignmentPattern,
    ExpressionKind.StructuredAssignmentPattern,
    ExpressionKind.ReplicatedAssignmentPattern,
)
_PLAIN = (
    ExpressionKind.NamedValue,
    ExpressionKind.ElementSelect,
    ExpressionKind.RangeSelect,
    ExpressionKind.MemberAccess,
    ExpressionKind.IntegerLiteral,
    ExpressionKind.Concatenation,
    ExpressionKind.Replication,
)


@dataclasses.dataclass(frozen=True, slots=True)
class Edit:
    """Put `text` in the place of what stands from `start` to `end` (offsets in characters)."""

    start: int
    end: int
    text: str


class _UnsupportedError(Exception):
    """What stands here is left to the simulator."""


def span(node: Any) -> tuple[int, int]:
    """Return the offsets of a syntax node without the blanks and comments before it."""
    where = node.sourceRange
    return where.start.offset, where.end.offset


def aggregate_edits(top: Any, text: str) -> list[Edit]:
    """Return the edits for all patterns and array copies of an elaborated instance."""
    found: list[Edit] = []

    def attempt(make: Any) -> Any:
        def see(node: Any) -> None:
            try:
                found.extend(make(node, text))
            except _UnsupportedError:
                return

        return see

    lookup: dict[Any, Any] = {ExpressionKind.Assignment: attempt(_assignment), SymbolKind.Variable: attempt(_variable)}
    lookup[SymbolKind.Parameter] = attempt(_parameter)
    lookup |= {kind: attempt(_packed) for kind in _PATTERNS}
    top.visit(lookup_table=lookup)
    return found


def _bare(expression: Any) -> Any:
    while expression.kind == ExpressionKind.Conversion:
        expression = expression.operand
    return expression


def _source(expression: Any, text: str) -> str:
    where = expression.sourceRange
    return text[where.start.offset : where.end.offset]


def _indices(type_: Any) -> list[int]:
    """Return the indices of an array from the left to the right."""
    left, right = type_.fixedRange.left, type_.fixedRange.right
    count = abs(left - right) + 1
    if count > MAX_ELEMENTS:
        raise _UnsupportedError
    step = 1 if right >= left else -1
    return list(range(left, right + step, step))


def _assignment(node: Any, text: str) -> Iterator[Edit]:
    if not node.left.type.isUnpackedArray or node.syntax is None:
        return
    if node.left.kind not in (ExpressionKind.NamedValue, ExpressionKind.RangeSelect):
        raise _UnsupportedError
    pairs = list(_pairs(node.left, _bare(node.right), text))
    if len(pairs) > MAX_ELEMENTS:
        raise _UnsupportedError
    statement = node.syntax.parent
    if statement.kind == SyntaxKind.ContinuousAssign:
        yield Edit(*span(node.syntax), ", ".join(f"{to} = {value}" for to, value in pairs))
    elif statement.kind == SyntaxKind.ExpressionStatement:
        if not node.isNonBlocking and _names(node.left) & _names(node.right):
            raise _UnsupportedError
        arrow = "<=" if node.isNonBlocking else "="
        yield Edit(*span(statement), f"begin {' '.join(f'{to} {arrow} {value};' for to, value in pairs)} end")


def _names(expression: Any) -> set[str]:
    found: set[str] = set()

    def see(node: Any) -> None:
        found.add(node.symbol.name)

    expression.visit(lookup_table={ExpressionKind.NamedValue: see})
    return found


def _pairs(left: Any, right: Any, text: str) -> Iterator[tuple[str, str]]:
    """Yield (element, value) for the assignment of an unpacked array."""
    if right.kind in _PATTERNS:
        yield from _elements(_source(left, text), left.type, right, text, _range(left))
    else:
        yield from _copies(_array(left, text), left.type, _range(left), _array(right, text), right.type, _range(right))


def _array(expression: Any, text: str) -> str:
    if expression.kind == ExpressionKind.RangeSelect:
        expression = expression.value
    if expression.kind != ExpressionKind.NamedValue:
        raise _UnsupportedError
    return str(expression.symbol.name)


def _range(expression: Any) -> list[int]:
    """Return the indices that an array's name, or a constant part of it, stands for."""
    if expression.kind != ExpressionKind.RangeSelect:
        return _indices(expression.type)
    if str(expression.selectionKind).rpartition(".")[2] != "Simple":
        raise _UnsupportedError
    low, high = (int(_constant(e)) for e in (expression.left, expression.right))
    step = 1 if high >= low else -1
    return list(range(low, high + step, step))


def _constant(expression: Any) -> int:
    value = _bare(expression)
    if value.kind != ExpressionKind.IntegerLiteral or value.value.hasUnknown:
        raise _UnsupportedError
    return int(value.value)


def _copies(
    to: str, to_type: Any, to_range: list[int], source: str, source_type: Any, source_range: list[int]
) -> Iterator[tuple[str, str]]:
    for i, k in zip(to_range, source_range, strict=True):
        inner, other = to_type.arrayElementType, source_type.arrayElementType
        if inner.isUnpackedArray:
            yield from _copies(f"{to}[{i}]", inner, _indices(inner), f"{source}[{k}]", other, _indices(other))
        else:
            yield f"{to}[{i}]", f"{source}[{k}]"


def _elements(
    to: str, type_: Any, value: Any, text: str, indices: list[int] | None = None
) -> Iterator[tuple[str, str]]:
    """Yield (element, value) for a pattern that is assigned to an unpacked array."""
    indices = indices if indices is not None else _indices(type_)
    inner = type_.arrayElementType
    for i, element in zip(indices, _parts(value, indices), strict=True):
        bare = _bare(element)
        if inner.isUnpackedArray:
            yield from _elements(f"{to}[{i}]", inner, bare, text)
        elif bare.kind in _PATTERNS:
            yield f"{to}[{i}]", _concatenation(bare, text)
        else:
            yield f"{to}[{i}]", _source(bare, text)


def _parts(value: Any, indices: list[int]) -> list[Any]:
    """Return the elements of a pattern for an array with these `indices`, a default in the place of those not named."""
    if value.kind == ExpressionKind.StructuredAssignmentPattern:
        named = {_constant(setter.index): setter.expr for setter in value.indexSetters}
        found = [named.get(index, value.defaultSetter) for index in indices]
        if value.typeSetters or value.memberSetters or any(element is None for element in found):
            raise _UnsupportedError
        return found
    if value.kind not in _PATTERNS or len(value.elements) != len(indices):
        raise _UnsupportedError
    return list(value.elements)


def _variable(symbol: Any, text: str) -> Iterator[Edit]:
    if symbol.type.isUnpackedArray and symbol.initializer is not None:
        yield from _declared(symbol, symbol.initializer, text)


def _declared(symbol: Any, value: Any, text: str) -> Iterator[Edit]:
    """Move the initial value of an unpacked array out of its declaration."""
    declarator = symbol.syntax
    declaration = declarator.parent
    while declaration.parent is not None and declaration.parent.kind == SyntaxKind.ParameterDeclarationStatement:
        declaration = declaration.parent
    if declaration.parent.kind not in (SyntaxKind.ModuleDeclaration, SyntaxKind.GenerateBlock):
        raise _UnsupportedError
    pairs = list(_elements(symbol.name, symbol.type, _bare(value), text))
    yield Edit(*span(declarator.initializer), "")
    _, end = span(declaration)
    yield Edit(end, end, f" initial begin {' '.join(f'{to} = {v};' for to, v in pairs)} end")


def _parameter(symbol: Any, text: str) -> Iterator[Edit]:
    """Turn local constants that are arrays into signals of the same name."""
    declaration = symbol.syntax.parent if symbol.syntax is not None else None
    if declaration is None or declaration.kind != SyntaxKind.ParameterDeclaration or not symbol.type.isArray:
        return
    nested = symbol.type.isPackedArray and symbol.type.arrayElementType.isPackedArray
    if declaration.parent.kind != SyntaxKind.ParameterDeclarationStatement or not (
        symbol.type.isUnpackedArray or nested
    ):
        return
    where = declaration.keyword.location.offset
    kind = "reg" if symbol.type.isUnpackedArray and declaration.type.kind == SyntaxKind.ImplicitType else ""
    yield Edit(where, where + len(declaration.keyword.rawText), "wire" if nested else kind)
    if symbol.type.isUnpackedArray:
        yield from _declared(symbol, symbol.initializer, text)


def _packed(node: Any, text: str) -> Iterator[Edit]:
    if node.type.isIntegral and node.syntax is not None:
        yield Edit(*span(node.syntax), _concatenation(node, text))


def _concatenation(value: Any, text: str) -> str:
    """Return a pattern for a packed array or structure as a concatenation of elements of its widths."""
    type_ = value.type.canonicalType
    if not type_.isIntegral:
        raise _UnsupportedError
    if type_.isStruct:
        fields = [f for f in type_ if f.kind == SymbolKind.Field]
        widths = [f.type.bitWidth for f in fields]
        elements = [_member(value, f, i) for i, f in enumerate(fields)]
    else:
        if type_.kind != SymbolKind.PackedArrayType:
            raise _UnsupportedError
        indices = _indices(type_)
        widths = [type_.arrayElementType.bitWidth] * len(indices)
        elements = _parts(value, indices)
    return f"{{{', '.join(_sized(e, w, text) for e, w in zip(elements, widths, strict=True))}}}"


def _member(value: Any, field: Any, index: int) -> Any:
    if value.kind != ExpressionKind.StructuredAssignmentPattern:
        return value.elements[index]
    for setter in value.memberSetters:
        if setter.member.name == field.name:
            return setter.expr
    if value.typeSetters or value.defaultSetter is None:
        raise _UnsupportedError
    return value.defaultSetter


def _sized(element: Any, width: int, text: str) -> str:
    bare = _bare(element)
    if bare.kind in _PATTERNS:
        return _concatenation(bare, text)
    if bare.kind == ExpressionKind.UnbasedUnsizedIntegerLiteral:
        return f"{{{width}{{1'b{_source(bare, text)[1:]}}}}}"
    if bare.type.bitWidth == width and bare.kind != ExpressionKind.IntegerLiteral:
        return _source(bare, text)
    if bare.kind not in _PLAIN:
        raise _UnsupportedError
    return f"{width}'({_source(bare, text)})"
