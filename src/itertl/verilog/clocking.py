"""How a design is clocked and reset, found from how its always blocks use its inputs, names as a tie-break only.

`find_clocking` walks over the elaborated instances, follows each triggering signal back to the inputs through port
connections and continuous assignments, and tells clocks from asynchronous resets by whether the block tests them.
"""

import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pyslang.ast import (
    BinaryOperator,
    EdgeKind,
    ExpressionKind,
    ProceduralBlockKind,
    StatementKind,
    SymbolKind,
    TimingControlKind,
    UnaryOperator,
)

MAX_HORIZON = 2048  # cycles; a counter that needs more before it shows something is not driven to its end at once
MAX_REACH = (1 << 16) + 1  # cycles; what needs more is not driven to its end at all

_CLOCK_NAME = re.compile(r"(?i)(^|_)i?(clk|clock|ck)|(clk|clock)\d*(_i|_in)?$")
_RESET_NAME = re.compile(r"(?i)^(i_|sys_)?(a|as|s|sync_?|async_?)?(n|p)?_?(rst|reset|clr|clear|resetn|reset_n|rstn)")
_ENABLE_NAME = re.compile(r"(?i)(en|ena|enable|ce|gate|sel|select)(_i|_in|_n)?$")
_LOW_NAME = re.compile(r"(?i)(n|_l|_b|bar)$|^n_?r")
_OR = (BinaryOperator.LogicalOr, BinaryOperator.BinaryOr)
_JOIN = (*_OR, BinaryOperator.LogicalAnd, BinaryOperator.BinaryAnd)
_NOT = (UnaryOperator.LogicalNot, UnaryOperator.BitwiseNot)
COMPARE = (
    BinaryOperator.Equality,
    BinaryOperator.Inequality,
    BinaryOperator.CaseEquality,
    BinaryOperator.CaseInequality,
    BinaryOperator.LessThan,
    BinaryOperator.LessThanEqual,
    BinaryOperator.GreaterThan,
    BinaryOperator.GreaterThanEqual,
)
_EDGES = (EdgeKind.PosEdge, EdgeKind.NegEdge, EdgeKind.BothEdges)
_STEP = (BinaryOperator.Add, BinaryOperator.Subtract)


@dataclasses.dataclass(frozen=True, slots=True)
class Reset:
    """A one-bit input that brings the design into a known state while it is at `active` (0 or 1)."""

    name: str
    active: int
    asynchronous: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Clocking:
    """Clock inputs, resets, and how many cycles the longest counter seems to need (0: no long counter).

    `falling` and `rising` tell which edges of the clocks trigger a block. `registers` are the variables that clocked
    blocks assign: hierarchical name below the top module, and bits; `memories` tells whether they assign arrays, too.
    `counters` are the registers that something is added to or taken from, `reaches` the counts at which something may
    happen, in cycles: what is compared with, and where counters wrap. `binary`: some registers are of a two-state type
    and begin with 0 for no other reason.
    """

    clocks: tuple[str, ...] = ()
    resets: tuple[Reset, ...] = ()
    horizon: int = 0
    rising: bool = True
    falling: bool = False
    registers: tuple[tuple[str, int], ...] = ()
    memories: bool = False
    counters: tuple[str, ...] = ()
    reaches: tuple[int, ...] = ()
    binary: bool = False


@dataclasses.dataclass(slots=True)
class _Design:
    """What one walk over all instances collects; signals are named by their hierarchical paths."""

    sources: dict[str, dict[str, bool]] = dataclasses.field(default_factory=dict)  # target: source: inverted
    blocks: list[tuple[list[tuple[Any, Any]], Any]] = dataclasses.field(default_factory=list)
    registers: dict[str, int] = dataclasses.field(default_factory=dict)
    variables: set[str] = dataclasses.field(default_factory=set)  # of modules and generate blocks
    loops: set[str] = dataclasses.field(default_factory=set)  # variables that loops run over
    horizon: int = 0
    memories: bool = False
    binary: bool = False

    def drive(self, target: str, expression: Any) -> None:
        """Note that the signal at `target` follows the signals in `expression`."""
        sources = self.sources.setdefault(target, {})
        for symbol, inverted in _polarities(expression):
            sources.setdefault(symbol.hierarchicalPath, inverted)

    def inputs_behind(self, path: str, inputs: Mapping[str, str]) -> dict[str, bool]:
        """Return the inputs from which the signal at `path` is derived without a register; true where inverted."""
        seen, front = {path: False}, [path]
        while front:
            at = front.pop()
            for source, inverted in self.sources.get(at, {}).items():
                if source not in seen:
                    seen[source] = seen[at] ^ inverted
                    front.append(source)
        return {inputs[p]: seen[p] for p in sorted(seen) if p in inputs}


@dataclasses.dataclass(slots=True)
class _Roles:
    """What each input turns out to be; `edges` are those of the clocks: posedge, negedge."""

    widths: Mapping[str, int]
    clocks: dict[str, None] = dataclasses.field(default_factory=dict)
    resets: dict[str, Reset] = dataclasses.field(default_factory=dict)
    edges: set[str] = dataclasses.field(default_factory=set)

    def trigger(self, edge: Any, behind: Mapping[str, bool]) -> None:
        """Take note of the clock, or of the clocks between which a multiplexer chooses, behind a trigger."""
        named = [n for n in behind if self.widths[n] == 1 and _CLOCK_NAME.search(n) and not _ENABLE_NAME.search(n)]
        if not named:
            named = [min(behind, key=lambda n: (not _CLOCK_NAME.search(n), self.widths[n] != 1, n))]
        for name in named:
            self.clocks[name] = None
            rising, falling = ("falling", "rising") if behind[name] else ("rising", "falling")
            self.edges |= {rising} if edge != EdgeKind.NegEdge else set()
            self.edges |= {falling} if edge != EdgeKind.PosEdge else set()


def find_clocking(top: Any, widths: Mapping[str, int]) -> Clocking:
    """Return the clocking of an elaborated instance whose inputs have the `widths` (bits, by name)."""
    design, roles = _Design(loops=loop_variables(top.body)), _Roles(widths)
    _walk(top.body, design)
    inputs = {f"{top.hierarchicalPath}.{name}": name for name in widths}
    for events, body in design.blocks:
        tested = {s.hierarchicalPath for s in _tested(body)}
        several = len({s.hierarchicalPath for s, _ in events}) > 1
        for symbol, edge in events:
            behind = design.inputs_behind(symbol.hierarchicalPath, inputs)
            if several and symbol.hierarchicalPath in tested and not _all_tested(events, tested, symbol):
                for name, inverted in behind.items():
                    if widths[name] == 1:
                        roles.resets[name] = Reset(name, int(edge != EdgeKind.NegEdge) ^ inverted, True)
            elif behind:
                roles.trigger(edge, behind)
    for _, body in design.blocks:
        for symbol, active, fixed in _leading_terms(body):
            behind = design.inputs_behind(symbol.hierarchicalPath, inputs)
            for name, inverted in behind.items():
                decided = _RESET_NAME.search(name) or (fixed and len(behind) == 1)
                if decided and widths[name] == 1 and name not in roles.clocks:
                    roles.resets.setdefault(name, Reset(name, active ^ inverted, False))
    for name in [n for n in roles.clocks if n in roles.resets]:
        roles.clocks.pop(name)
    for name in [n for n, width in widths.items() if roles.clocks and width == 1 and _RESET_NAME.search(n)]:
        if name not in roles.clocks:
            roles.resets.setdefault(name, Reset(name, int(not _LOW_NAME.search(name)), False))
    horizon = min(design.horizon, MAX_HORIZON)
    rising, falling = roles.edges != {"falling"}, "falling" in roles.edges
    prefix = f"{top.hierarchicalPath}."
    kept = [(path, width) for path, width in design.registers.items() if path in design.variables]
    registers = tuple((path.removeprefix(prefix), width) for path, width in kept)
    counters, reaches = _counting(top, design.loops) if roles.clocks else (set[str](), ())
    counted = tuple(path.removeprefix(prefix) for path, _ in kept if path in counters)
    clocks, resets = tuple(roles.clocks), tuple(roles.resets.values())
    return Clocking(
        clocks, resets, horizon, rising, falling, registers, design.memories, counted, reaches, design.binary
    )


def _counting(top: Any, loops: set[str]) -> tuple[set[str], tuple[int, ...]]:
    """Return what is added to or taken from, and the counts that come up; loops over `loops` count nothing."""
    counters: set[str] = set()
    reaches: set[int] = set()

    def see(expression: Any) -> None:
        paths = {symbol.hierarchicalPath for symbol in symbols(expression)}
        if not paths & loops:
            reaches.add(_reach(expression, MAX_REACH))
            counters.update(paths if expression.op in _STEP else ())

    top.visit(lookup_table={ExpressionKind.BinaryOp: see})
    return counters, tuple(sorted(reaches - {0}))


def _all_tested(events: list[tuple[Any, Any]], tested: set[str], symbol: Any) -> bool:
    """True if the block tests every signal that triggers it, and `symbol` is the one named like a clock."""
    everything = all(s.hierarchicalPath in tested for s, _ in events)
    return everything and bool(_CLOCK_NAME.search(symbol.name))


def _walk(scope: Any, design: _Design) -> None:
    for member in scope:
        if member.kind == SymbolKind.Instance:
            _connect(member, design)
            _walk(member.body, design)
        elif member.kind in (SymbolKind.GenerateBlock, SymbolKind.GenerateBlockArray, SymbolKind.InstanceArray):
            _walk(member, design)
        elif member.kind == SymbolKind.ContinuousAssign and member.assignment.kind == ExpressionKind.Assignment:
            for target in symbols(member.assignment.left):
                design.drive(target.hierarchicalPath, member.assignment.right)
        elif member.kind == SymbolKind.Net and member.initializer is not None:
            design.drive(member.hierarchicalPath, member.initializer)
        elif member.kind == SymbolKind.Variable:
            design.variables.add(member.hierarchicalPath)
        elif member.kind == SymbolKind.ProceduralBlock:
            _block(member, design)


def _connect(instance: Any, design: _Design) -> None:
    for connection in instance.portConnections:
        inner = getattr(connection.port, "internalSymbol", None)
        if inner is None or connection.expression is None:
            continue
        if connection.expression.kind == ExpressionKind.Assignment:  # an output drives what it is connected to
            for target in symbols(connection.expression.left):
                design.sources.setdefault(target.hierarchicalPath, {}).setdefault(inner.hierarchicalPath, False)
        else:
            design.drive(inner.hierarchicalPath, connection.expression)


def _block(block: Any, design: _Design) -> None:
    body = block.body

    def follow(assignment: Any) -> None:
        for target in symbols(assignment.left):
            design.drive(target.hierarchicalPath, assignment.right)

    if body.kind != StatementKind.Timed:
        if block.procedureKind == ProceduralBlockKind.AlwaysComb:
            body.visit(lookup_table={ExpressionKind.Assignment: follow})
        return
    timing = body.timing
    events = timing.events if timing.kind == TimingControlKind.EventList else [timing]
    edges = [
        (symbol, event.edge)
        for event in events
        if event.kind == TimingControlKind.SignalEvent and event.edge in _EDGES
        for symbol in symbols(event.expr)
    ]
    if not edges:
        body.stmt.visit(lookup_table={ExpressionKind.Assignment: follow})
        return
    design.blocks.append((edges, body.stmt))

    def hold(assignment: Any) -> None:
        for symbol in symbols(assignment.left):
            design.memories = design.memories or symbol.type.isUnpackedArray
            if symbol.type.isIntegral and symbol.hierarchicalPath not in design.loops:
                design.registers[symbol.hierarchicalPath] = symbol.type.bitWidth
                given = getattr(symbol, "initializer", None) is not None
                design.binary = design.binary or not (symbol.type.isFourState or given)

    body.stmt.visit(lookup_table={ExpressionKind.Assignment: hold})

    def see(expression: Any) -> None:
        design.horizon = max(design.horizon, _reach(expression))

    body.stmt.visit(lookup_table={ExpressionKind.BinaryOp: see})


def _reach(expression: Any, most: int = MAX_HORIZON) -> int:
    """Return the count that a comparison with a constant, or a counter by its width, can need; 0 if above `most`."""
    reach = 0
    left, right = bare(expression.left), bare(expression.right)
    if expression.op in COMPARE:
        reach = max(constant(left), constant(right))
    elif expression.op in _STEP and left.kind == ExpressionKind.NamedValue and constant(right) == 1:
        reach = 1 << min(left.type.bitWidth, 17)
    return reach if reach <= most else 0


def constant(expression: Any) -> int:
    """Return the number that a literal or a parameter is, 0 for anything else."""
    if expression.kind == ExpressionKind.IntegerLiteral and not expression.value.hasUnknown:
        return int(expression.value)
    symbol = getattr(expression, "symbol", None)
    if symbol is not None and symbol.kind == SymbolKind.Parameter and symbol.value.value is not None:
        value = symbol.value.value
        return int(value) if hasattr(value, "hasUnknown") and not value.hasUnknown else 0
    return 0


def loop_variables(node: Any) -> set[str]:
    """Return the paths of the variables over which the loops below `node` run."""
    found: set[str] = set()

    def see(loop: Any) -> None:
        for expression in (*loop.initializers, *loop.steps):
            found.update(symbol.hierarchicalPath for symbol in symbols(expression))

    node.visit(lookup_table={StatementKind.ForLoop: see})
    return found


def _polarities(expression: Any, inverted: bool = False) -> Iterator[tuple[Any, bool]]:
    """Yield the signals in `expression`, and whether they stand under an odd number of negations."""
    expression = bare(expression)
    if expression.kind == ExpressionKind.UnaryOp and expression.op in _NOT:
        yield from _polarities(expression.operand, not inverted)
    elif expression.kind == ExpressionKind.BinaryOp and expression.op in _JOIN:
        yield from _polarities(expression.left, inverted)
        yield from _polarities(expression.right, inverted)
    elif (term := _level(expression)) is not None:
        yield term[0], inverted ^ (term[1] == 0)
    else:
        for symbol in symbols(expression):
            yield symbol, inverted


def symbols(expression: Any) -> list[Any]:
    """Return the signals that `expression` names, parameters and enumeration values left out."""
    found: list[Any] = []

    def see(node: Any) -> None:
        if node.symbol.kind in (SymbolKind.Net, SymbolKind.Variable):
            found.append(node.symbol)

    expression.visit(lookup_table={ExpressionKind.NamedValue: see, ExpressionKind.HierarchicalValue: see})
    return found


def _first(statement: Any) -> Any:
    """Return the first statement inside blocks and lists, or None."""
    while statement is not None and statement.kind in (StatementKind.Block, StatementKind.List):
        statement = statement.body if statement.kind == StatementKind.Block else next(iter(statement.list), None)
    return statement


def _tested(statement: Any) -> Iterator[Any]:
    """Yield the signals in the conditions of the if - else if chain that a block begins with."""
    statement = _first(statement)
    while statement is not None and statement.kind == StatementKind.Conditional:
        for condition in statement.conditions:
            yield from symbols(condition.expr)
        statement = _first(statement.ifFalse)


def _leading_terms(statement: Any) -> Iterator[tuple[Any, int, bool]]:
    """Yield (signal, active level, leads to constants only) for the terms of a block's first condition."""
    statement = _first(statement)
    if statement is None or statement.kind != StatementKind.Conditional:
        return
    fixed = not _reads(statement.ifTrue)
    front = [c.expr for c in statement.conditions]
    while front:
        expression = bare(front.pop())
        if expression.kind == ExpressionKind.BinaryOp and expression.op in _OR:
            front += [expression.left, expression.right]
        elif (term := _level(expression)) is not None:
            yield *term, fixed


def _level(expression: Any) -> tuple[Any, int] | None:
    """Read `x`, `!x`, `~x`, `x == 0`, `x == 1` as (x, level at which it holds)."""
    active = 1
    if expression.kind == ExpressionKind.UnaryOp and expression.op in _NOT:
        active, expression = 0, bare(expression.operand)
    elif expression.kind == ExpressionKind.BinaryOp and expression.op == BinaryOperator.Equality:
        level, expression = bare(expression.right), bare(expression.left)
        if level.kind not in (ExpressionKind.IntegerLiteral, ExpressionKind.UnbasedUnsizedIntegerLiteral):
            return None
        active = int(constant(level) != 0)
    if expression.kind != ExpressionKind.NamedValue:
        return None
    return expression.symbol, active


def _reads(statement: Any) -> bool:
    """True if an assignment in `statement` has a signal on its right-hand side."""
    found: list[Any] = []

    def see(assignment: Any) -> None:
        found.extend(symbols(assignment.right))

    statement.visit(lookup_table={ExpressionKind.Assignment: see})
    return bool(found)


def bare(expression: Any) -> Any:
    """Return the expression inside implicit conversions."""
    while expression.kind == ExpressionKind.Conversion:
        expression = expression.operand
    return expression
