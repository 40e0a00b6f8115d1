"""Functions and tasks, written into the module where they are called: they run in one piece, so static ones will do.

subroutine(scope, symbol)  ->  the name by which it is called
"""

from typing import Any

from pyslang.ast import ArgumentDirection, StatementKind, VariableLifetime

from itertl.verilog.rewrite.plain.calls import NOTHING, is_task
from itertl.verilog.rewrite.plain.jumps import RETURN, leaves
from itertl.verilog.rewrite.plain.scope import Kept, Scope, UnsupportedError, key_of
from itertl.verilog.rewrite.plain.types import declared, ranged, signed, two_state, width

_JOINED = " joined"  # behind the path of what is written as a function though it could be a task
_DIRECTIONS = {
    ArgumentDirection.In: "input",
    ArgumentDirection.Out: "output",
    ArgumentDirection.InOut: "inout",
    ArgumentDirection.Ref: "inout",
}


def subroutine(scope: Scope, symbol: Any, joined: bool = False) -> str:
    """Write a function or a task, unless it is there already, and return its name.

    `joined` writes what would be a task as a function that returns all of its outputs in one vector.
    """
    path = path_of(symbol) + _JOINED * joined
    if {path_of(symbol), path_of(symbol) + _JOINED} - {path} & scope.subroutines.keys() and _remembers(symbol):
        raise UnsupportedError(f"{symbol.name}, which keeps a value from call to call")
    if path in scope.open_subroutines:
        scope.recursive.update(scope.open_subroutines[scope.open_subroutines.index(path) :])
    if path not in scope.subroutines:
        scope.subroutines[path] = scope.fresh(scope.local_path(symbol))
        outer = scope.declared, scope.before, scope.jumps, scope.result, scope.current, scope.in_function
        scope.declared, scope.before, scope.jumps, scope.current = [], None, {}, None
        scope.in_function = joined or not is_task(symbol)
        scope.open_subroutines.append(path)
        try:
            text = _written(scope, symbol, scope.subroutines[path], path)
        finally:
            scope.open_subroutines.pop()
            scope.declared, scope.before, scope.jumps, scope.result, scope.current, scope.in_function = outer
        automatic = "automatic " if path in scope.recursive else ""
        scope.lines.append(text.replace(" ", f" {automatic}", 1))
        scope.origins[scope.lines[-1]] = int(symbol.location.offset)
    return scope.subroutines[path]


def _remembers(symbol: Any) -> bool:
    """True if a variable or an output of a subroutine keeps its value between calls: it may not be written twice."""
    found: list[Any] = []
    symbol.body.visit(lookup_table={StatementKind.VariableDeclaration: lambda node: found.append(node.symbol)})
    outputs = [formal for formal in symbol.arguments if formal.direction == ArgumentDirection.Out]
    static = symbol.defaultLifetime != VariableLifetime.Automatic
    return bool(static and outputs) or any(v.lifetime != VariableLifetime.Automatic for v in found)


def path_of(symbol: Any) -> str:
    """Return what tells a function or a task from others."""
    return f"{symbol.hierarchicalPath} {symbol.location.offset}"


def _written(scope: Scope, symbol: Any, name: str, path: str) -> str:
    kind, task = symbol.returnType, not scope.in_function
    joined = scope.in_function and is_task(symbol)
    outputs, ports, head = _arguments(scope, symbol, name, joined)
    if not ports and not task:
        ports.append(f"input {scope.fresh('nothing')};")
    if RETURN in leaves(symbol.body):
        left = scope.fresh("left")
        scope.declared.append(f"reg {left};")
        scope.jumps[RETURN] = left
        head.append(f"{left} = 1'b0;")
    body = scope.run(symbol.body)
    if joined:
        size = sum(kept.width for kept in outputs) or 1
        form = declared(size)
        body += f" {name} = {{{', '.join(kept.name for kept in outputs) or NOTHING}}};"
    elif not task:
        form, size = declared(width(kind), signed(kind), ranged(kind)), width(kind)
    if path in scope.recursive and not task:  # what is unknown would call itself for ever
        asked = [formal for formal in symbol.arguments if formal.direction == ArgumentDirection.In]
        given = ", ".join(scope.kept[key_of(formal)].name for formal in asked) or NOTHING
        body = f"if (^{{{given}}} === 1'bx) begin {name} = {size}'bx; end else begin {body} end"
    inner = " ".join([*ports, *scope.declared, "begin", *head, body, "end"])
    return f"task {name}; {inner} endtask" if task else f"function {form}{name}; {inner} endfunction"


def _arguments(scope: Scope, symbol: Any, name: str, joined: bool) -> tuple[list[Kept], list[str], list[str]]:
    """Return what a subroutine gives back, its ports, and what gives its result a first value."""
    kind, outputs, ports, head = symbol.returnType, list[Kept](), list[str](), list[str]()
    if not kind.isVoid:
        own = name if not is_task(symbol) else scope.fresh("result")
        kept = Kept(own, width(kind), signed=signed(kind), ranged=ranged(kind))
        scope.result = own
        if symbol.returnValVar is not None:
            scope.kept[key_of(symbol.returnValVar)] = kept
        if is_task(symbol):
            outputs.append(kept)
            (scope.declared if joined else ports).append(f"{'reg' if joined else 'output'} {_form(kept)};")
        if symbol.defaultLifetime == VariableLifetime.Automatic or two_state(kind):
            head.append(_undefined(kept, kind))
    for formal in symbol.arguments:
        if formal.direction not in _DIRECTIONS:
            raise UnsupportedError(f"the argument {formal.name} of {symbol.name}")
        size, kind = width(formal.type), formal.type
        kept = Kept(scope.fresh(formal.name), size, signed=signed(kind), ranged=ranged(kind))
        scope.kept[key_of(formal)] = kept
        if formal.direction != ArgumentDirection.In:
            outputs.append(kept)
        if joined and formal.direction == ArgumentDirection.Out:
            scope.declared.append(f"reg {_form(kept)};")
            if symbol.defaultLifetime == VariableLifetime.Automatic:
                head.append(_undefined(kept, kind))
        else:
            ports.append(f"{'input' if joined else _DIRECTIONS[formal.direction]} {_form(kept)};")
    return outputs, ports, head


def _form(kept: Kept) -> str:
    return f"{declared(kept.width, kept.signed, kept.ranged)}{kept.name}"


def _undefined(kept: Kept, kind: Any) -> str:
    return f"{kept.name} = {kept.width}'{'d0' if two_state(kind) else 'bx'};"
