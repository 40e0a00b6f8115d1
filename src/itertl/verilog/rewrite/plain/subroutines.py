"""Functions and tasks, written into the module where they are called: they run in one piece, so static ones will do.

subroutine(scope, symbol)  ->  the name by which it is called
"""

from typing import Any

from pyslang.ast import ArgumentDirection, VariableLifetime

from itertl.verilog.rewrite.plain.calls import is_task
from itertl.verilog.rewrite.plain.jumps import RETURN, leaves
from itertl.verilog.rewrite.plain.scope import Kept, Scope, UnsupportedError, key_of
from itertl.verilog.rewrite.plain.types import declared, ranged, signed, two_state, width

_DIRECTIONS = {
    ArgumentDirection.In: "input",
    ArgumentDirection.Out: "output",
    ArgumentDirection.InOut: "inout",
    ArgumentDirection.Ref: "inout",
}


def subroutine(scope: Scope, symbol: Any) -> str:
    """Write a function or a task, unless it is there already, and return its name."""
    path = path_of(symbol)
    if path in scope.open_subroutines:
        scope.recursive.update(scope.open_subroutines[scope.open_subroutines.index(path) :])
    if path not in scope.subroutines:
        scope.subroutines[path] = scope.fresh(scope.local_path(symbol))
        outer = scope.declared, scope.before, scope.jumps, scope.result, scope.current
        scope.declared, scope.before, scope.jumps, scope.current = [], None, {}, None
        scope.open_subroutines.append(path)
        try:
            text = _written(scope, symbol, scope.subroutines[path])
        finally:
            scope.open_subroutines.pop()
            scope.declared, scope.before, scope.jumps, scope.result, scope.current = outer
        automatic = "automatic " if path in scope.recursive else ""
        scope.lines.append(text.replace(" ", f" {automatic}", 1))
    return scope.subroutines[path]


def path_of(symbol: Any) -> str:
    """Return what tells a function or a task from others."""
    return f"{symbol.hierarchicalPath} {symbol.location.offset}"


def _written(scope: Scope, symbol: Any, name: str) -> str:
    kind, task = symbol.returnType, is_task(symbol)
    ports, head = [], []
    if not kind.isVoid:
        scope.result = scope.fresh("result") if task else name
        kept = Kept(scope.result, width(kind), signed=signed(kind), ranged=ranged(kind))
        if symbol.returnValVar is not None:
            scope.kept[key_of(symbol.returnValVar)] = kept
        if task:
            ports.append(f"output {declared(kept.width, kept.signed, kept.ranged)}{kept.name};")
        if symbol.defaultLifetime == VariableLifetime.Automatic or two_state(kind):
            head.append(f"{kept.name} = {kept.width}'{'d0' if two_state(kind) else 'bx'};")
    for formal in symbol.arguments:
        if formal.direction not in _DIRECTIONS:
            raise UnsupportedError(f"the argument {formal.name} of {symbol.name}")
        kept = Kept(
            scope.fresh(formal.name), width(formal.type), signed=signed(formal.type), ranged=ranged(formal.type)
        )
        scope.kept[key_of(formal)] = kept
        ports.append(f"{_DIRECTIONS[formal.direction]} {declared(kept.width, kept.signed, kept.ranged)}{kept.name};")
    if not ports and not task:
        ports.append(f"input {scope.fresh('nothing')};")
    if RETURN in leaves(symbol.body):
        left = scope.fresh("left")
        scope.declared.append(f"reg {left};")
        scope.jumps[RETURN] = left
        head.append(f"{left} = 1'b0;")
    body = scope.run(symbol.body)
    if path_of(symbol) in scope.recursive and not task:  # what is unknown would call itself for ever
        given = ", ".join(scope.kept[key_of(formal)].name for formal in symbol.arguments)
        body = f"if (^{{{given}}} === 1'bx) begin {name} = {width(kind)}'bx; end else begin {body} end"
    inner = " ".join([*ports, *scope.declared, "begin", *head, body, "end"])
    if task:
        return f"task {name}; {inner} endtask"
    return f"function {declared(width(kind), signed(kind), ranged(kind))}{name}; {inner} endfunction"
