"""What a design reads when its power comes on: in initial blocks, and in values that variables are declared with.

    early_reads(elaborated.top)   ->  Early(anything=True, nets=("top.d",))
    early_input(elaborated.top)   ->  "d"                # one that follows from inputs or state

Undefined there is what nothing has set yet, so that `initial s = (t !== 1'bx)` tells a simulator from a chip.
"""

import dataclasses
from typing import Any

from pyslang.ast import (
    ArgumentDirection,
    ExpressionKind,
    ProceduralBlockKind,
    StatementKind,
    SymbolKind,
    VariableLifetime,
)

from itertl.verilog.state import hang_on, state_of

_NAMED = (ExpressionKind.NamedValue, ExpressionKind.HierarchicalValue)
_READ = (SymbolKind.Variable, SymbolKind.Net)
_SELECTS = (ExpressionKind.ElementSelect, ExpressionKind.RangeSelect, ExpressionKind.MemberAccess)


@dataclasses.dataclass(frozen=True, slots=True)
class Early:
    """`anything`: a variable, a net or a function is read but for counters of loops; `nets` are the paths of nets."""

    anything: bool
    nets: tuple[str, ...]
    variables: tuple[str, ...] = ()  # which matter where something drives them


def early_reads(top: Any, own: tuple[int, int] | None = None) -> Early:
    """Return what is read before the first stimulus by an elaborated instance and all below it.

    Only what stands between the offsets `own` is looked at, where they are given.
    """
    found = _Reads()

    def counts(node: Any) -> bool:
        return own is None or (node.syntax is not None and own[0] <= node.syntax.sourceRange.start.offset < own[1])

    def block(node: Any) -> None:
        if node.procedureKind == ProceduralBlockKind.Initial and counts(node):
            found.look(node.body)

    def variable(node: Any) -> None:
        if node.initializer is not None and node.lifetime != VariableLifetime.Automatic and counts(node):
            found.look(node.initializer)

    def called(node: Any) -> None:
        if counts(node):
            found.look(node.body)

    top.visit(lookup_table={SymbolKind.ProceduralBlock: block, SymbolKind.Variable: variable})
    if found.calls:
        top.visit(lookup_table={SymbolKind.Subroutine: called})
    return Early(found.anything or found.calls, tuple(dict.fromkeys(found.nets)), tuple(dict.fromkeys(found.variables)))


def early_input(top: Any, own: tuple[int, int] | None = None) -> str:
    """Return the first net read so early that hangs on inputs of the top module, on state, or on nothing, or "".

    Who reads it stands between the offsets `own` of the text, where they are given: what else there is, is trusted.
    """
    early = early_reads(top, own)
    read = (*early.nets, *early.variables)
    if not read:
        return ""
    outer = {port.internalSymbol.hierarchicalPath for port in top.body.portList if _enters(port)}
    state = {f"{top.hierarchicalPath}.{held.path}" for held in state_of(top)}
    hanging = hang_on(top, (outer | state) - set(early.variables))
    return next((path.partition(".")[2] for path in read if path in hanging), "")


def _enters(port: Any) -> bool:
    return bool(getattr(port, "internalSymbol", 0)) and port.direction != ArgumentDirection.Out


class _Reads:
    """What is read, but for targets of assignments and counters of the loops around them."""

    def __init__(self) -> None:
        self.anything, self.calls, self.nets, self.variables = False, False, list[str](), list[str]()

    def look(self, part: Any) -> None:
        """Note what a statement or an expression reads."""
        targets: set[int] = set()
        counted: list[tuple[str, int, int]] = []
        names: list[Any] = []

        def assigned(node: Any) -> None:
            target = node.left
            while target.kind in _SELECTS:
                target = target.value
            if target.kind in _NAMED and not node.isCompound:
                targets.add(target.sourceRange.start.offset)

        def loop(node: Any) -> None:
            span = node.sourceRange.start.offset, node.sourceRange.end.offset
            firsts = [first.left for first in node.initializers if first.kind == ExpressionKind.Assignment]
            named = [left.symbol for left in firsts if left.kind == ExpressionKind.NamedValue]
            counted.extend((symbol.hierarchicalPath, *span) for symbol in named)
            for variable in node.loopVars:
                begins(variable)

        def call(node: Any) -> None:
            self.calls = self.calls or not node.isSystemCall

        def begins(variable: Any) -> None:
            if variable.initializer is not None and variable.lifetime == VariableLifetime.Automatic:
                variable.initializer.visit(lookup_table=table)

        table: dict[Any, Any] = dict.fromkeys(_NAMED, names.append)
        table[StatementKind.VariableDeclaration] = lambda node: begins(node.symbol)
        table |= {ExpressionKind.Assignment: assigned, StatementKind.ForLoop: loop, ExpressionKind.Call: call}
        part.visit(lookup_table=table)
        for name in names:
            at, symbol = name.sourceRange.start.offset, name.symbol
            if symbol.kind not in _READ or at in targets:
                continue
            path = symbol.hierarchicalPath
            counts = any(path == counter and start <= at < end for counter, start, end in counted)
            if symbol.kind == SymbolKind.Net:
                self.nets.append(path)
            elif not counts:
                self.variables.append(path)
            if not counts:
                self.anything = True
