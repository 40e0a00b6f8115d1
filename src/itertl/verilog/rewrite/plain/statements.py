"""Statements of procedures.

run(scope, statement)  ->  "if (a) begin y = 8'd1; end"
"""

from collections.abc import Sequence
from typing import Any

from pyslang.ast import CaseStatementCondition, ExpressionKind, StatementKind, VariableLifetime

from itertl.verilog.rewrite.plain.assignments import assigned, stepped
from itertl.verilog.rewrite.plain.calls import called, is_task
from itertl.verilog.rewrite.plain.events import triggers
from itertl.verilog.rewrite.plain.jumps import BREAK, CONTINUE, LOOPS, RETURN, block_name, leaves
from itertl.verilog.rewrite.plain.loops import loop
from itertl.verilog.rewrite.plain.scope import Kept, Scope, UnsupportedError, key_of
from itertl.verilog.rewrite.plain.types import declared, ranged, signed, two_state, width
from itertl.verilog.rewrite.plain.values import matches

_CASES = {
    CaseStatementCondition.Normal: "case",
    CaseStatementCondition.WildcardJustZ: "casez",
    CaseStatementCondition.WildcardXOrZ: "casex",
}


def run(scope: Scope, statement: Any) -> str:
    """Return a statement as source; raise UnsupportedError where it cannot be said."""
    kind = statement.kind
    if kind == StatementKind.Empty:
        return ";"
    if kind == StatementKind.List:
        return sequence(scope, list(statement.list))
    if kind == StatementKind.Block:
        return _block(scope, statement)
    if kind in LOOPS:
        return loop(scope, statement)
    writer = _WRITERS.get(kind)
    if writer is None:
        raise UnsupportedError(f"the statement {str(statement.syntax).strip()[:40]}")
    outer, scope.before = scope.before, []
    try:
        written = writer(scope, statement)
        before = scope.before
    finally:
        scope.before = outer
    return f"begin {' '.join([*before, written])} end" if before else written


def sequence(scope: Scope, statements: Sequence[Any]) -> str:
    """Return statements one behind the other; behind one that may leave them, the rest asks whether it has."""
    parts = []
    counters = {key_of(v) for s in statements if s.kind == StatementKind.ForLoop for v in s.loopVars}
    for at, statement in enumerate(statements):
        if statement.kind == StatementKind.VariableDeclaration and key_of(statement.symbol) in counters:
            continue  # the loop itself declares it
        parts.append(run(scope, statement))
        left, rest = leaves(statement), statements[at + 1 :]
        if left and rest:
            flags = " || ".join(scope.jumps[what] for what in sorted(left))
            parts.append(f"if (!({flags})) begin {sequence(scope, rest)} end")
            break
    return " ".join(parts)


def _block(scope: Scope, statement: Any) -> str:
    if str(statement.blockKind).rpartition(".")[2] != "Sequential":
        raise UnsupportedError("a fork")
    symbol = statement.blockSymbol
    name = block_name(symbol) if symbol is not None else ""
    head = ""
    if name and name in leaves(statement.body):
        head = f"{scope.flag(name)} = 1'b0; "
    return f"begin {head}{run(scope, statement.body)} end"


def _jump(scope: Scope, statement: Any) -> str:
    kind = statement.kind
    if kind == StatementKind.Return:
        parts = [f"{scope.jumps[RETURN]} = 1'b1;"]
        if statement.expr is not None:
            parts.insert(0, f"{scope.result} = {scope.value(statement.expr)};")
        return f"begin {' '.join(parts)} end"
    what = {StatementKind.Break: BREAK, StatementKind.Continue: CONTINUE}.get(kind)
    what = what or block_name(statement.target.symbol)
    if what not in scope.jumps:
        raise UnsupportedError("a disable of something else than a block around it")
    return f"{scope.jumps[what]} = 1'b1;"


def _variable(scope: Scope, statement: Any) -> str:
    return variable(scope, statement.symbol)


def variable(scope: Scope, symbol: Any) -> str:
    """Declare a variable of a block, and return what gives it its value whenever the block is entered."""
    kept = local(scope, symbol)
    if symbol.lifetime != VariableLifetime.Automatic:
        if symbol.initializer is not None:
            scope.lines.append(f"initial {kept.name} = {scope.value(symbol.initializer)};")
        return ";"
    if symbol.initializer is not None:
        return f"{kept.name} = {scope.value(symbol.initializer)};"
    return f"{kept.name} = {kept.width}'{'d0' if two_state(symbol.type) else 'bx'};"


def local(scope: Scope, symbol: Any) -> Kept:
    """Declare a variable of the procedure that is being written."""
    size, is_signed = width(symbol.type), signed(symbol.type)
    kept = Kept(scope.fresh(symbol.name), size, signed=is_signed, ranged=ranged(symbol.type))
    scope.kept[key_of(symbol)] = kept
    kind = "bit" if two_state(symbol.type) else "reg"
    static = symbol.lifetime != VariableLifetime.Automatic
    place = scope.lines if static else scope.declared
    place.append(f"{kind} {declared(size, is_signed, kept.ranged)}{kept.name};")
    return kept


def _expression(scope: Scope, statement: Any) -> str:
    node = statement.expr
    while node.kind == ExpressionKind.Conversion:
        node = node.operand
    if node.kind == ExpressionKind.Assignment:
        return assigned(scope, node)
    if node.kind == ExpressionKind.UnaryOp:
        return stepped(scope, node)
    if node.kind == ExpressionKind.Call and not node.isSystemCall:
        return _called(scope, node)
    raise UnsupportedError(f"the statement {str(statement.syntax).strip()[:40]}")


def _called(scope: Scope, node: Any) -> str:
    """Call a function for what it changes, or a task; what it returns is kept where nobody reads it."""
    if node.subroutine.returnType.isVoid:
        return called(scope, node)
    value, kind = scope.value(node), node.subroutine.returnType
    if is_task(node.subroutine):
        return ";"  # called before this statement
    unread = scope.fresh("unread")
    scope.declared.append(f"reg {declared(width(kind), signed(kind))}{unread};")
    return f"{unread} = {value};"


def _conditional(scope: Scope, statement: Any) -> str:
    if len(statement.conditions) != 1 or statement.conditions[0].pattern is not None:
        raise UnsupportedError("a condition with a pattern")
    text = f"if ({scope.value(statement.conditions[0].expr)}) begin {run(scope, statement.ifTrue)} end"
    if statement.ifFalse is not None:
        text += f" else begin {run(scope, statement.ifFalse)} end"
    return text


def _case(scope: Scope, statement: Any) -> str:
    inside = statement.condition == CaseStatementCondition.Inside
    if not statement.expr.type.isIntegral:
        raise UnsupportedError("a case of something else than bits")
    items = []
    for item in statement.items:
        if inside:
            labels = [f"({' || '.join(matches(scope, statement.expr, item.expressions))})"]
        else:
            labels = [scope.value(e) for e in item.expressions]
        items.append(f"{', '.join(labels)}: begin {run(scope, item.stmt)} end")
    if statement.defaultCase is not None:
        items.append(f"default: begin {run(scope, statement.defaultCase)} end")
    subject = "1'b1" if inside else scope.value(statement.expr)
    word = "case" if inside else _CASES[statement.condition]
    return f"{word} ({subject}) {' '.join(items)} endcase"


def _timed(scope: Scope, statement: Any) -> str:
    event, condition = triggers(scope, statement.timing)
    body = run(scope, statement.stmt)
    return f"{event} begin {f'if ({condition}) ' if condition else ''}begin {body} end end"


_WRITERS = {
    StatementKind.ExpressionStatement: _expression,
    StatementKind.VariableDeclaration: _variable,
    StatementKind.Return: _jump,
    StatementKind.Break: _jump,
    StatementKind.Continue: _jump,
    StatementKind.Disable: _jump,
    StatementKind.Conditional: _conditional,
    StatementKind.Case: _case,
    StatementKind.Timed: _timed,
}
