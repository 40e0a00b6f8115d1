"""Expressions as source: each at its own width and sign, whatever stands around it.

value(scope, expression)  ->  "({1'd0, a} + 5'd1)"
"""

from typing import Any

from pyslang.ast import BinaryOperator, ConversionKind, ExpressionKind, SymbolKind, UnaryOperator

from itertl.verilog.rewrite.plain import patterns
from itertl.verilog.rewrite.plain.assignments import assigned
from itertl.verilog.rewrite.plain.calls import call, changes
from itertl.verilog.rewrite.plain.casts import cast
from itertl.verilog.rewrite.plain.casts import signed as with_sign
from itertl.verilog.rewrite.plain.constants import bits, filled, literal, whole
from itertl.verilog.rewrite.plain.places import NAMES, Place, place, text
from itertl.verilog.rewrite.plain.scope import Kept, Scope, UnsupportedError
from itertl.verilog.rewrite.plain.streams import reordered
from itertl.verilog.rewrite.plain.types import declared, length, signed, width

MOST_CHARACTERS = 100_000  # of one expression: indices inside of indices are told twice
_SELECTS = (ExpressionKind.MemberAccess, ExpressionKind.ElementSelect, ExpressionKind.RangeSelect)
_B, _U = BinaryOperator, UnaryOperator
_BINARY = {
    _B.Add: "+", _B.Subtract: "-", _B.Multiply: "*", _B.Divide: "/", _B.Mod: "%", _B.Power: "**",
    _B.BinaryAnd: "&", _B.BinaryOr: "|", _B.BinaryXor: "^", _B.BinaryXnor: "~^",
    _B.Equality: "==", _B.Inequality: "!=", _B.CaseEquality: "===", _B.CaseInequality: "!==",
    _B.WildcardEquality: "==?", _B.WildcardInequality: "!=?",
    _B.GreaterThanEqual: ">=", _B.GreaterThan: ">", _B.LessThanEqual: "<=", _B.LessThan: "<",
    _B.LogicalAnd: "&&", _B.LogicalOr: "||",
    _B.LogicalShiftLeft: "<<", _B.LogicalShiftRight: ">>", _B.ArithmeticShiftLeft: "<<<",
    _B.ArithmeticShiftRight: ">>>",
}  # fmt: skip
_SHORT = {_B.LogicalAnd: "1'b0", _B.LogicalOr: "1'b1", _B.LogicalImplication: "1'b0"}  # where the right is not read
_SHIFTS = (_B.LogicalShiftLeft, _B.LogicalShiftRight, _B.ArithmeticShiftLeft, _B.ArithmeticShiftRight, _B.Power)
_UNARY = {
    _U.Plus: "+", _U.Minus: "-", _U.BitwiseNot: "~", _U.BitwiseAnd: "&", _U.BitwiseOr: "|", _U.BitwiseXor: "^",
    _U.BitwiseNand: "~&", _U.BitwiseNor: "~|", _U.BitwiseXnor: "~^", _U.LogicalNot: "!",
}  # fmt: skip
_STEPS = {_U.Preincrement: "+", _U.Predecrement: "-", _U.Postincrement: "+", _U.Postdecrement: "-"}


def value(scope: Scope, node: Any) -> str:
    """Return an expression as source; raise UnsupportedError where it cannot be said, or becomes too long."""
    written = _written(scope, node)
    if len(written) > MOST_CHARACTERS:
        raise UnsupportedError(f"the expression {_shown(node)}, which becomes too long")
    return written


def _written(scope: Scope, node: Any) -> str:
    kind = node.kind
    if node.constant and (constant := _constant(node, node.constant.value)) is not None:
        return constant
    if kind in NAMES or kind in _SELECTS:
        return _read(scope, node)
    if kind == ExpressionKind.BinaryOp:
        return _binary(scope, node)
    if kind == ExpressionKind.Conversion:
        return _conversion(scope, node)
    writer = _WRITERS.get(kind)
    if writer is None:
        raise UnsupportedError(f"the expression {_shown(node)}")
    return writer(scope, node)


def _constant(node: Any, found: Any) -> str | None:
    if node.type.isIntegral and hasattr(found, "bitWidth"):
        return literal(found, signed(node.type)) if int(found.bitWidth) == node.type.bitWidth else None
    if isinstance(found, list):
        digits = bits(found, node.type)
        return f"{len(digits)}'b{digits}"
    return None


def _folded(scope: Scope, node: Any) -> str:
    """Return an expression that is constant though a part of it is no number."""
    found = scope.known(node)
    written = _constant(node, found) if found is not None else None
    if written is None:
        raise UnsupportedError(f"the expression {_shown(node)}")
    return written


def _shown(node: Any) -> str:
    return str(node.syntax).strip()[:40] if node.syntax is not None else node.kind.name


def _read(scope: Scope, node: Any) -> str:
    if node.kind in NAMES and node.symbol.kind in (SymbolKind.Parameter, SymbolKind.EnumValue, SymbolKind.Specparam):
        written = _constant(node, node.symbol.value.value)
        if written is None:
            raise UnsupportedError(f"{node.symbol.name}, which is no number")
        return written
    found = place(scope, node)
    if found is None:
        return _picked(scope, node)
    is_signed = found.whole and found.kept.signed
    return with_sign(text(found), is_signed, signed(node.type))


def _picked(scope: Scope, node: Any) -> str:
    """Select from a value that has no name: a function gives it one."""
    if node.kind in NAMES:
        raise UnsupportedError(f"the name {node.symbol.name}")
    found = scope.known(node)
    if found is not None and (written := _constant(node, found)) is not None:
        return written
    root = node
    while root.kind in _SELECTS:
        root = root.value
    whole_value = scope.value(root)
    scope.stand_in = (root, Kept("of", width(root.type)))
    found = place(scope, node)
    scope.stand_in = None
    if found is None:
        raise UnsupportedError(f"the selection {_shown(node)}")
    parts = [_part_of(scope, whole_value, part) for part in found.pieces or (found,)]
    return with_sign(parts[0] if len(parts) == 1 else f"{{{', '.join(parts)}}}", False, signed(node.type))


def _part_of(scope: Scope, written: str, found: Place) -> str:
    """Return a part of a value without a name, as a function's result."""
    size, bits_of = found.width, found.kept.width
    wanted = f"part {size} {bits_of}"
    if wanted not in scope.helpers:
        name = scope.helpers[wanted] = scope.fresh("part")
        inputs = f"input {declared(bits_of, with_range=True)}of; input signed [31:0] at;"
        taken = f"of[at +: {size}]" if size > 1 else "of[at]"
        scope.lines.append(f"function {declared(size)}{name}; {inputs} {name} = {taken}; endfunction")
    at = str(found.at) if found.at.terms else whole(found.at.low)
    return f"{scope.helpers[wanted]}({written}, {at})"


def _binary(scope: Scope, node: Any) -> str:
    left, right, op = node.left, node.right, node.op
    if not (left.type.isIntegral or left.type.isAggregate) or not (right.type.isIntegral or right.type.isAggregate):
        return _folded(scope, node)
    if left.kind == ExpressionKind.StringLiteral and right.kind == ExpressionKind.StringLiteral:
        return _folded(scope, node)
    first = scope.value(left)
    if op in _SHORT:
        if scope.before is None and changes(right):  # simulators call it in any case, but not behind `?`
            whether = f"!{first}" if op == _B.LogicalOr else first
            return f"({whether} ? !(!{scope.value(right)}) : 1'b{int(op != _B.LogicalAnd)})"
        first, second = _decided(scope, first, right, _SHORT[op])
    else:
        second = scope.value(right)
    if op == _B.LogicalImplication:
        return f"(!{first} || {second})"
    if op == _B.LogicalEquivalence:
        return f"(!{first} == !{second})"
    if op in _SHIFTS and op != _B.Power:
        # A word of a memory on either side crashes ivl 11, or its own simulator does not read what it has written.
        second = f"{{{second}}}" if not second.isidentifier() else second
        if "[" in first:
            first = with_sign(f"{{{first}}}", False, left.type.isSigned)
        if right.type.isSigned:
            second = f"$unsigned({second})"
    return f"({first} {_BINARY[op]} {second})"


def _decided(scope: Scope, condition: str, node: Any, skipped: str) -> tuple[str, str]:
    """Return a condition and a value that is not looked at where the condition is `skipped`: nor is what it changes."""
    outer, scope.before = scope.before, [] if scope.before is not None else None
    try:
        written = scope.value(node)
        inner = scope.before
    finally:
        scope.before = outer
    if outer is None or not (inner or changes(node)):
        return condition, written
    inner = inner or []
    if changes(node):
        value_kept = scope.fresh("called")
        scope.declared.append(f"reg {declared(width(node.type), signed(node.type))}{value_kept};")
        inner.append(f"{value_kept} = {written};")
        written = value_kept
    kept = scope.fresh("decides")
    scope.declared.append(f"reg {kept};")
    outer += [f"{kept} = !(!{condition});", f"if ({kept} !== {skipped}) begin {' '.join(inner)} end"]
    return kept, written


def _unary(scope: Scope, node: Any) -> str:
    if node.op in _STEPS:
        return _step(scope, node)
    if not node.operand.type.isIntegral:
        return _folded(scope, node)
    return f"({_UNARY[node.op]}{scope.value(node.operand)})"


def _step(scope: Scope, node: Any) -> str:
    """Let the increment inside an expression happen before the statement."""
    if scope.before is None:
        raise UnsupportedError(f"the expression {_shown(node)}")
    found, size = place(scope, node.operand), width(node.operand.type)
    if found is None:
        raise UnsupportedError(f"the expression {_shown(node)}")
    target, is_signed = text(found), signed(node.operand.type)
    old = scope.fresh("old")
    scope.declared.append(f"reg {declared(size, is_signed)}{old};")
    one = f"{size}'{'s' * is_signed}d1"
    scope.before += [f"{old} = {target};", f"{target} = {scope.value(node.operand)} {_STEPS[node.op]} {one};"]
    after = node.op in (_U.Preincrement, _U.Predecrement)
    return f"({old} {_STEPS[node.op]} {one})" if after else old


def _assignment(scope: Scope, node: Any) -> str:
    """Let the assignment inside an expression happen before the statement."""
    if scope.before is None or node.isNonBlocking:
        raise UnsupportedError(f"the expression {_shown(node)}")
    scope.before.append(assigned(scope, node))
    return scope.value(node.left)


def _conversion(scope: Scope, node: Any) -> str:
    operand = node.operand
    if operand.kind == ExpressionKind.Streaming:
        return _streamed(scope, operand, width(node.type))
    if operand.kind == ExpressionKind.UnbasedUnsizedIntegerLiteral:
        return filled(operand, width(node.type), signed(node.type))
    if not operand.type.isIntegral and not operand.type.isAggregate:
        return _folded(scope, node)
    found = place(scope, operand) if operand.kind in NAMES else None
    plain = found is not None and found.whole and not found.kept.words
    target = (width(node.type), signed(node.type))
    if node.conversionKind == ConversionKind.Propagated:  # an expression's sign comes before its width (11.8.2)
        operand_text = with_sign(scope.value(operand), signed(operand.type), target[1])
        return cast(operand_text, plain and signed(operand.type) == target[1], (width(operand.type), target[1]), target)
    return cast(scope.value(operand), plain, (width(operand.type), signed(operand.type)), target)


def _streamed(scope: Scope, node: Any, size: int) -> str:
    total = int(node.bitstreamWidth)
    parts = [scope.value(stream.operand) for stream in node.streams]
    if any(stream.withExpr is not None for stream in node.streams):
        raise UnsupportedError("a stream of a part of an array")
    joined = f"{{{', '.join(parts)}}}"
    if node.sliceSize:
        joined = reordered(scope, joined, total, int(node.sliceSize))
    if size < total:
        raise UnsupportedError("a stream that is cut off")
    return f"{{{joined}, {size - total}'d0}}" if size > total else joined


def _stream(scope: Scope, node: Any) -> str:
    return _streamed(scope, node, int(node.bitstreamWidth))


def _conditional(scope: Scope, node: Any) -> str:
    if len(node.conditions) != 1 or node.conditions[0].pattern is not None:
        raise UnsupportedError("a condition with a pattern")
    if not node.type.isIntegral and not node.type.isAggregate:
        return _folded(scope, node)
    condition, first = _decided(scope, scope.value(node.conditions[0].expr), node.left, "1'b0")
    condition, second = _decided(scope, condition, node.right, "1'b1")
    return f"({condition} ? {first} : {second})"


def _concatenation(scope: Scope, node: Any) -> str:
    if not node.type.isIntegral and not node.type.isUnpackedArray:
        return _folded(scope, node)
    parts = [scope.value(e) for e in node.operands if not e.type.isVoid and width(e.type)]
    return with_sign(f"{{{', '.join(parts)}}}", False, signed(node.type))


def _replication(scope: Scope, node: Any) -> str:
    count = scope.known(node.count)
    if count is None or not node.type.isIntegral:
        return _folded(scope, node)
    return f"{{{int(count)}{{{scope.value(node.concat)}}}}}"


def _inside(scope: Scope, node: Any) -> str:
    return f"({' || '.join(matches(scope, node.left, node.rangeList))})"


def matches(scope: Scope, left: Any, ranges: Any) -> list[str]:
    """Return the conditions, one of which holds where `left` is inside `ranges`."""
    subject, found = scope.value(left), []
    for item in ranges:
        if item.type.isUnpackedArray:
            found += _among(scope, left, item)
            continue
        if item.kind != ExpressionKind.ValueRange:
            if not item.type.isIntegral:
                raise UnsupportedError(f"inside with {_shown(item)}")
            found.append(f"({subject} ==? {scope.value(item)})")
            continue
        bounds = [
            f"({subject} {op} {scope.value(e)})" for op, e in ((">=", item.left), ("<=", item.right)) if not _open(e)
        ]
        found.append(f"({' && '.join(bounds)})" if bounds else "1'b1")
    return found


def _among(scope: Scope, left: Any, array: Any) -> list[str]:
    """Return the comparisons of `left` with each element of an array, at the width of the wider one."""
    kind = array.type.arrayElementType
    if not kind.isIntegral or not left.type.isIntegral:
        raise UnsupportedError(f"inside with {_shown(array)}")
    form = (max(width(kind), width(left.type)), signed(kind) and signed(left.type))
    own = cast(scope.value(left), False, (width(left.type), form[1] and signed(left.type)), form)
    return [f"({own} ==? {cast(e, False, (width(kind), form[1]), form)})" for e in elements(scope, array)]


def elements(scope: Scope, array: Any) -> list[str]:
    """Return the elements of an unpacked array as source, as they are signed."""
    kind, count = array.type.arrayElementType, length(array.type)
    size, found = width(kind), place(scope, array)
    if found is None:
        known = scope.known(array)
        if not isinstance(known, list):
            raise UnsupportedError(f"the elements of {_shown(array)}")
        return [literal(e.value, signed(kind)) for e in known]
    parts = (
        found.moved(size, True, n) if found.kept.words else found.moved(size, False, n * size) for n in range(count)
    )
    return [with_sign(text(part), False, signed(kind)) for part in parts]


def _open(node: Any) -> bool:
    while node.kind == ExpressionKind.Conversion:
        node = node.operand
    return bool(node.kind == ExpressionKind.UnboundedLiteral)


def _unbased(scope: Scope, node: Any) -> str:
    return filled(node, width(node.type), signed(node.type))


def _number(scope: Scope, node: Any) -> str:
    return literal(node.value, signed(node.type))


def _current(scope: Scope, node: Any) -> str:
    if scope.current is None:
        raise UnsupportedError("an assignment inside an expression")
    return str(scope.value(scope.current))


_WRITERS = {
    ExpressionKind.IntegerLiteral: _number,
    ExpressionKind.UnbasedUnsizedIntegerLiteral: _unbased,
    ExpressionKind.StringLiteral: _folded,
    ExpressionKind.UnaryOp: _unary,
    ExpressionKind.ConditionalOp: _conditional,
    ExpressionKind.Concatenation: _concatenation,
    ExpressionKind.Replication: _replication,
    ExpressionKind.Inside: _inside,
    ExpressionKind.LValueReference: _current,
    ExpressionKind.Assignment: _assignment,
    ExpressionKind.Call: call,
    ExpressionKind.Streaming: _stream,
    ExpressionKind.SimpleAssignmentPattern: patterns.joined,
    ExpressionKind.StructuredAssignmentPattern: patterns.joined,
    ExpressionKind.ReplicatedAssignmentPattern: patterns.joined,
}
