"""Loops, with the flags that `break`, `continue` and `return` need.

loop(scope, statement)  ->  "for (i = 32'sd0; (i < 32'sd4); i = i + 32'sd1) begin ... end"
"""

from typing import Any

from pyslang.ast import ExpressionKind, StatementKind, VariableLifetime

from itertl.verilog.rewrite.plain.assignments import assigned, stepped
from itertl.verilog.rewrite.plain.constants import whole
from itertl.verilog.rewrite.plain.jumps import BREAK, CONTINUE, leaves
from itertl.verilog.rewrite.plain.scope import Kept, Scope, UnsupportedError, key_of
from itertl.verilog.rewrite.plain.types import declared, ranged, signed, two_state, width


def loop(scope: Scope, statement: Any) -> str:
    """Return a loop as source."""
    left = leaves(statement.body)
    outer = {what: scope.jumps[what] for what in (BREAK, CONTINUE) if what in scope.jumps}
    before = after = ""
    asked = [scope.jumps[what] for what in sorted(left - {BREAK, CONTINUE})]
    if BREAK in left:
        name = scope.flag(BREAK)
        before, asked = f"{name} = 1'b0; ", [*asked, name]
    if CONTINUE in left:
        after = f"{scope.flag(CONTINUE)} = 1'b0; "
    going = f"!({' || '.join(asked)})" if asked else ""
    outside, scope.before = scope.before, None
    try:
        written = _LOOPS[statement.kind](scope, statement, going, after)
    finally:
        scope.before = outside
    scope.jumps |= outer
    return f"begin {before}{written} end" if before else str(written)


def _both(first: str, second: str) -> str:
    return f"{first} && {second}" if first and second else first or second


def _for(scope: Scope, statement: Any, going: str, head: str) -> str:
    first = [f"{_counter(scope, s)} = {scope.value(s.initializer)}" for s in statement.loopVars if s.initializer]
    first += [_step(scope, e) for e in statement.initializers]
    condition = scope.value(statement.stopExpr) if statement.stopExpr is not None else "1'b1"
    steps = [_step(scope, e) for e in statement.steps]
    body = f"{head}{scope.run(statement.body)}"
    condition = _both(going, condition)
    if len(first) == 1 and len(steps) == 1:
        return f"for ({first[0]}; {condition}; {steps[0]}) begin {body} end"
    begin, step = "".join(f"{f}; " for f in first), "".join(f" {s};" for s in steps)
    return f"begin {begin}while ({condition}) begin {body}{step} end end"


def _counter(scope: Scope, symbol: Any) -> str:
    kept = Kept(scope.fresh(symbol.name), width(symbol.type), signed=signed(symbol.type), ranged=ranged(symbol.type))
    scope.kept[key_of(symbol)] = kept
    kind = "bit" if two_state(symbol.type) and symbol.lifetime != VariableLifetime.Automatic else "reg"
    scope.declared.append(f"{kind} {declared(kept.width, kept.signed, kept.ranged)}{kept.name};")
    return kept.name


def _step(scope: Scope, node: Any) -> str:
    if node.kind == ExpressionKind.Assignment:
        return assigned(scope, node).rstrip(";")
    if node.kind == ExpressionKind.UnaryOp:
        return stepped(scope, node).rstrip(";")
    raise UnsupportedError("a step of a loop that assigns nothing")


def _repeat(scope: Scope, statement: Any, going: str, head: str) -> str:
    """An unknown number of times is none, and so is a negative one (IEEE 1800-2017, 12.7.2)."""
    guard = f"if ({going}) " if going else ""
    body = f"begin {guard}begin {head}{scope.run(statement.body)} end end"
    kind = statement.count.type
    size, is_signed = width(kind), signed(kind)
    if scope.known(statement.count) is not None:
        return f"repeat ({scope.value(statement.count)}) {body}"
    count, mark = scope.fresh("count"), "s" * is_signed
    scope.declared.append(f"reg {declared(size, is_signed)}{count};")
    return f"begin {count} = {scope.value(statement.count)}; if ({count} > {size}'{mark}d0) repeat ({count}) {body} end"


def _while(scope: Scope, statement: Any, going: str, head: str) -> str:
    condition = _both(going, scope.value(statement.cond))
    return f"while ({condition}) begin {head}{scope.run(statement.body)} end"


def _do_while(scope: Scope, statement: Any, going: str, head: str) -> str:
    again = scope.fresh("again")
    scope.declared.append(f"reg {again};")
    body = f"{head}{scope.run(statement.body)}"
    condition = _both(going, f"({scope.value(statement.cond)})")
    return f"begin {again} = 1'b1; while ({again}) begin {body} {again} = {condition}; end end"


def _foreach(scope: Scope, statement: Any, going: str, head: str) -> str:
    opening, closing = "", ""
    for dimension in statement.loopDims:
        if dimension.loopVar is None:
            continue
        if dimension.range is None:
            raise UnsupportedError("foreach over an array without a size")
        name, left, right = _counter(scope, dimension.loopVar), dimension.range.left, dimension.range.right
        compare, sign = (">=", "-") if left >= right else ("<=", "+")
        condition = _both(going, f"{name} {compare} {whole(right)}")
        opening += f"for ({name} = {whole(left)}; {condition}; {name} = {name} {sign} 32'sd1) begin "
        closing += " end"
    return f"{opening}{head}{scope.run(statement.body)}{closing}"


_LOOPS = {
    StatementKind.ForLoop: _for,
    StatementKind.RepeatLoop: _repeat,
    StatementKind.WhileLoop: _while,
    StatementKind.DoWhileLoop: _do_while,
    StatementKind.ForeachLoop: _foreach,
}
