"""Calls of functions, tasks and system functions, and how the functions of a design are written.

A function without arguments gets one that nobody reads. One with outputs becomes a task, and what it returns the first
of them: a call inside an expression then happens before the statement. Where a function calls it, which may call no
task, it is a function that returns all of its outputs joined.
"""

from typing import Any

from pyslang.ast import ArgumentDirection, ExpressionKind, SubroutineKind

from itertl.verilog.rewrite.plain.casts import cast
from itertl.verilog.rewrite.plain.casts import signed as with_sign
from itertl.verilog.rewrite.plain.places import place, text
from itertl.verilog.rewrite.plain.scope import Scope, UnsupportedError
from itertl.verilog.rewrite.plain.storage import written_keys
from itertl.verilog.rewrite.plain.types import declared, length, signed, width

NOTHING = "1'b0"  # is given to a function without arguments
_SAME = {"$clog2", "$countones", "$onehot", "$onehot0", "$isunknown"}
_SIGNS = {"$signed": True, "$unsigned": False}
_REDUCTIONS = {"sum": "+", "product": "*", "and": "&", "or": "|", "xor": "^"}


def call(scope: Scope, node: Any) -> str:
    """Return a call inside an expression."""
    if node.isSystemCall:
        return _system(scope, node)
    subroutine = node.subroutine
    if not is_task(subroutine):
        name = scope.subroutine(subroutine)
        arguments = [scope.value(a) for a in node.arguments] or [NOTHING]
        written = f"{name}({', '.join(arguments)})"
        # In the arm of ?: that a constant chooses, such as a shift beyond its width, ivl 11 forgets a function's sign.
        return f"$signed({written})" if signed(subroutine.returnType) else written
    if scope.before is None or subroutine.returnType.isVoid:
        raise UnsupportedError(f"the call of {subroutine.name} with outputs")
    kept = scope.fresh("returned")
    kind = subroutine.returnType
    scope.declared.append(f"reg {declared(width(kind), signed(kind))}{kept};")
    scope.before.append(called(scope, node, kept))
    return kept


def is_task(subroutine: Any) -> bool:
    """True if a subroutine is written as a task."""
    if subroutine.subroutineKind == SubroutineKind.Task or subroutine.returnType.isVoid:
        return True
    return any(a.direction != ArgumentDirection.In for a in subroutine.arguments)


def functions(node: Any, found: dict[str, Any]) -> None:
    """Collect the functions that are called below a node, and by each other."""
    called: list[Any] = []
    node.visit(lookup_table={ExpressionKind.Call: called.append})
    for call in called:
        if call.isSystemCall or call.subroutine.subroutineKind != SubroutineKind.Function:
            continue
        path = str(call.subroutine.hierarchicalPath)
        if path not in found:
            found[path] = call.subroutine
            functions(call.subroutine.body, found)


def changes(node: Any) -> bool:
    """True if an expression calls a function that changes something outside of itself."""
    found: dict[str, Any] = {}
    functions(node, found)
    written = {path for function in found.values() for path, _ in written_keys(function.body)}
    return any(not path.startswith(tuple(f"{name}." for name in found)) for path in written)


def called(scope: Scope, node: Any, result: str = "") -> str:
    """Return the statement that calls a task; `result` takes what a function returns."""
    subroutine, joined = node.subroutine, scope.in_function
    name = scope.subroutine(subroutine, joined)
    outputs, behind = [result] * bool(result), []
    arguments = [] if joined else list(outputs)
    for formal, given in zip(subroutine.arguments, node.arguments, strict=True):
        changed = given.left if given.kind == ExpressionKind.Assignment else given
        if formal.direction == ArgumentDirection.In or (changed is given and not joined):
            arguments.append(scope.value(given))
            continue
        size, is_signed = width(formal.type), signed(formal.type)
        kept = scope.fresh(f"{formal.name}_out")
        scope.declared.append(f"reg {declared(size, is_signed)}{kept};")
        form = (width(changed.type), signed(changed.type))
        if formal.direction != ArgumentDirection.Out:
            if scope.before is None:
                raise UnsupportedError("an argument that is read and written")
            back = cast(scope.value(changed), False, form, (size, is_signed))
            scope.before.append(f"{kept} = {back};")
        if not joined or formal.direction != ArgumentDirection.Out:
            arguments.append(kept)
        outputs.append(kept)
        behind.append(f"{_target(scope, changed)} = {cast(kept, True, (size, is_signed), form)};")
    invoked = f"{name}({', '.join(arguments)});" if arguments else f"{name};"
    if joined:
        invoked = _unjoined(scope, f"{name}({', '.join(arguments) or NOTHING})", outputs)
    return " ".join([invoked, *behind])


def _unjoined(scope: Scope, call: str, outputs: list[str]) -> str:
    """Return the statement that takes apart what a function returns for all of its outputs."""
    if not outputs:
        outputs = [scope.fresh("unread")]
        scope.declared.append(f"reg {outputs[0]};")
    return f"{{{', '.join(outputs)}}} = {call};"


def _target(scope: Scope, node: Any) -> str:
    if node.kind == ExpressionKind.Concatenation:
        return f"{{{', '.join(_target(scope, e) for e in node.operands)}}}"
    found = place(scope, node)
    if found is None:
        raise UnsupportedError("an argument that cannot be assigned")
    return text(found)


def _system(scope: Scope, node: Any) -> str:
    name, arguments = str(node.subroutineName), list(node.arguments)
    if name in _SIGNS:
        return with_sign(scope.value(arguments[0]), signed(arguments[0].type), _SIGNS[name])
    known = scope.known(node)
    if known is not None and hasattr(known, "bitWidth"):
        size = width(node.type)
        return f"{size}'{'s' * signed(node.type)}d{int(known) & ((1 << size) - 1)}"
    if name in _SAME:
        return _sized(name, node, scope.value(arguments[0]))
    if name in _REDUCTIONS and len(arguments) == 1:
        return _reduced(scope, arguments[0], _REDUCTIONS[name], node)
    if name in ("next", "prev", "first", "last", "num") and arguments and arguments[0].type.isEnum:
        return _stepped(scope, node, name)
    raise UnsupportedError(f"the call of {name}")


def _sized(name: str, node: Any, argument: str) -> str:
    """Return a call that gives an integer of 32 bits, or a bit, at the width of its type."""
    bare = f"{name}({argument})"
    if name in ("$clog2", "$countones"):
        return cast(bare, False, (32, True), (width(node.type), signed(node.type)))
    return bare


def _reduced(scope: Scope, array: Any, operator: str, node: Any) -> str:
    found = place(scope, array)
    if found is None or not array.type.isUnpackedArray or array.type.arrayElementType.isUnpackedArray:
        raise UnsupportedError("a reduction of an array")
    inner, form = array.type.arrayElementType, (width(node.type), signed(node.type))
    size = width(inner)
    parts = []
    for n in range(length(array.type)):
        part = text(found.moved(size, True, n) if found.kept.words else found.moved(size, False, n * size))
        part = with_sign(part, False, signed(inner))
        parts.append(cast(part, False, (size, signed(inner)), form))
    return f"({f' {operator} '.join(parts)})"


def _stepped(scope: Scope, node: Any, name: str) -> str:
    """Write .next and .prev of an enumeration as a choice between its values."""
    kind = node.arguments[0].type
    values = [m for m in kind.canonicalType if m.kind.name == "EnumValue"]
    size, mark = width(kind), "s" * signed(kind)
    numbers = [f"{size}'{mark}d{int(v.value.value) & ((1 << size) - 1)}" for v in values]
    count = scope.known(node.arguments[1]) if len(node.arguments) > 1 else 1
    if name not in ("next", "prev") or count is None:
        raise UnsupportedError(f"the call of {name}")
    subject = scope.value(node.arguments[0])
    shift = int(count) if name == "next" else -int(count)
    chain = f"{size}'{mark}d0" if kind.isFourState is False else f"{size}'{mark}b{'x' * size}"
    for at, number in reversed(list(enumerate(numbers))):
        chain = f"({subject} == {number} ? {numbers[(at + shift) % len(numbers)]} : {chain})"
    return chain
