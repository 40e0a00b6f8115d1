"""One module in plain Verilog: its ports, what it declares, and its items in their order.

written(body, name, modules)  ->  [(offset in the design's own text, source)]
"""

import functools
from collections.abc import Callable, Iterator
from typing import Any

from pyslang.ast import ArgumentDirection, EvalContext, PrimitiveSymbol, SymbolKind

from itertl.verilog.constructs import TWO_WAY
from itertl.verilog.rewrite.plain.assignments import driven
from itertl.verilog.rewrite.plain.instances import drives, gate, instance, joined
from itertl.verilog.rewrite.plain.procedures import procedure
from itertl.verilog.rewrite.plain.scope import Kept, Scope, UnsupportedError, has_strength, key_of, spelled
from itertl.verilog.rewrite.plain.statements import run
from itertl.verilog.rewrite.plain.storage import Uses, dissolved, keep, members_of, uses_of
from itertl.verilog.rewrite.plain.subroutines import subroutine
from itertl.verilog.rewrite.plain.types import declared, two_state
from itertl.verilog.rewrite.plain.values import value

Modules = Callable[[Any], str]  # from an instance to the name of its module, or of its table, as it is written
_DIRECTIONS = {
    ArgumentDirection.In: "input",
    ArgumentDirection.Out: "output",
    ArgumentDirection.InOut: "inout",
}
_NETS = {
    "Wire": "wire", "WAnd": "wand", "WOr": "wor", "Tri": "tri", "TriAnd": "triand", "TriOr": "trior", "Tri0": "tri0",
    "Tri1": "tri1", "Supply0": "supply0", "Supply1": "supply1", "UWire": "wire",
}  # fmt: skip
_DECLARATIONS = frozenset(
    {
        SymbolKind.Port,
        SymbolKind.Parameter,
        SymbolKind.TypeParameter,
        SymbolKind.Genvar,
        SymbolKind.TransparentMember,
        SymbolKind.TypeAlias,
        SymbolKind.ForwardingTypedef,
        SymbolKind.StatementBlock,
        SymbolKind.Subroutine,
        SymbolKind.EmptyMember,
        SymbolKind.ExplicitImport,
        SymbolKind.WildcardImport,
        SymbolKind.Specparam,
        SymbolKind.Attribute,
        SymbolKind.GenericClassDef,
        SymbolKind.InterfacePort,
        SymbolKind.LetDecl,
        SymbolKind.Modport,
    }
)


def written(body: Any, name: str, modules: Modules) -> list[tuple[int, str]]:
    """Return the parts of a module that is called `name`, each with where in the design it begins.

    Raise UnsupportedError where something in it cannot be said.
    """
    scope = Scope(body, EvalContext(body), _later, _later, _later)
    scope.value = functools.partial(value, scope)
    scope.run = functools.partial(run, scope)
    scope.subroutine = functools.partial(subroutine, scope)
    uses = uses_of(body)
    ports = [_port(scope, port, uses) for port in body.portList]
    symbols = [m for m in members_of(body) if m.kind in (SymbolKind.Variable, SymbolKind.Net)]
    plain = [s for s in symbols if key_of(s) not in scope.kept]
    for symbol in plain:
        keep(scope, symbol, uses, scope.fresh(scope.local_path(symbol)))
    scope.module = dict(scope.kept)
    start = _offset(body.definition)
    declarations = [(_offset(symbol), line) for symbol in plain for line in _declaration(scope, symbol)]
    for port in body.portList:
        kept, begins = scope.kept[key_of(port.internalSymbol)], port.initializer or port.internalSymbol.initializer
        if begins is not None and port.direction == ArgumentDirection.Out:
            declarations.append((_offset(port), f"initial {kept.name} = {scope.value(begins)};"))
    items: list[tuple[int, str]] = []
    for member in members_of(body):
        own = [(_offset(member), line) for line in _item(scope, member, modules)]
        helpers = [(scope.origins.get(line, _offset(member)), line) for line in scope.lines]
        items, scope.lines = [*helpers, *items, *own], []
    return [(start, f"module {name}({', '.join(ports)});"), *declarations, *items, (start, "endmodule")]


def _offset(symbol: Any) -> int:
    return int(symbol.location.offset)


def _later(_: Any) -> str:
    raise NotImplementedError


def _port(scope: Scope, port: Any, uses: Uses) -> str:
    if port.kind != SymbolKind.Port or port.isNullPort or port.direction not in _DIRECTIONS:
        raise UnsupportedError(f"the port {port.name}")
    symbol = port.internalSymbol
    if symbol is None or symbol.name != port.name or (port.internalExpr is not None and symbol is None):
        raise UnsupportedError(f"the port {port.name}")
    scope.taken.add(port.name)
    kept = keep(scope, symbol, uses, spelled(port.name))
    direction = _DIRECTIONS[port.direction]
    if port.direction == ArgumentDirection.Out and not kept.net:
        kind = "bit" if two_state(symbol.type) else "reg"
    else:
        kind = _NETS.get(symbol.netType.netKind.name, "") if symbol.kind == SymbolKind.Net else "wire"
    if not kind:
        raise UnsupportedError(f"the net {symbol.name}")
    if port.direction == ArgumentDirection.In and not kept.net:
        scope.kept[key_of(symbol)] = kept = Kept(kept.name, kept.width, 0, kept.signed, net=True, ranged=kept.ranged)
    return f"{direction} {kind} {declared(kept.width, kept.signed, kept.ranged)}{kept.name}"


def _declaration(scope: Scope, symbol: Any) -> Iterator[str]:
    kept = scope.kept[key_of(symbol)]
    if symbol.kind == SymbolKind.Net:
        kind = _NETS.get(symbol.netType.netKind.name, "")
        if not kind or symbol.delay is not None or has_strength(symbol):
            raise UnsupportedError(f"the net {symbol.name}")
    else:
        kind = "wire" if kept.net else "bit" if two_state(symbol.type) else "reg"
    words = f" [0:{kept.words - 1}]" if kept.words else ""
    first = _initial(scope, symbol, kept)
    yield f"{kind} {declared(kept.width, kept.signed and not kept.words, kept.ranged)}{kept.name}{words}{first};"


def _initial(scope: Scope, symbol: Any, kept: Kept) -> str:
    """Return a declaration's own initial value: it is there before any process runs, as that of an `initial` is not."""
    if symbol.initializer is None:
        return ""
    if kept.words:
        raise UnsupportedError(f"the initial value of {symbol.name}")
    return f" = {scope.value(symbol.initializer)}"


def _item(scope: Scope, member: Any, modules: Modules) -> Iterator[str]:
    kind = member.kind
    if kind in (SymbolKind.Variable, SymbolKind.Net) or kind in _DECLARATIONS:
        return
    if kind == SymbolKind.ContinuousAssign:
        if member.delay is not None or has_strength(member):
            raise UnsupportedError("an assignment with a delay or a strength")
        target, driver = driven(scope, member.assignment)
        yield f"{drives(scope, member.assignment.left)} {target} = {driver};"
    elif kind == SymbolKind.ProceduralBlock:
        yield procedure(scope, member)
    elif dissolved(member):
        yield from joined(scope, member)
    elif kind == SymbolKind.Instance:
        yield from instance(scope, member, modules(member))
    elif kind == SymbolKind.PrimitiveInstance:
        if member.primitiveType.name in TWO_WAY:  # of these pyslang cannot tell the kind
            raise UnsupportedError("a bidirectional switch")
        own = member.primitiveType.primitiveKind == PrimitiveSymbol.PrimitiveKind.UserDefined
        yield from gate(scope, member, modules(member) if own else member.primitiveType.name)
    elif kind == SymbolKind.InstanceArray:
        for element in member.elements:
            yield from _item(scope, element, modules)
    else:
        raise UnsupportedError(f"the {kind.name} {member.name}")
