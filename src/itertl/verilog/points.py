"""Where a design decides: its conditions, case items and comparisons, each with the condition under which it matters.

    decided = with_points(code, "top")     # the same design, in each module one more wire that shows them as bits
    decided.points["top"][0].fact          # "n == 5000 never true"

A condition is shown as a net of its module: what is inside of functions, generate blocks and loops over a variable,
reads what its own block has just assigned, or has wildcards, is left out. Nothing but that net is added, so the design
does what it did.
"""

import dataclasses
import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pyslang.ast import (
    ArgumentDirection,
    BinaryOperator,
    EdgeKind,
    ExpressionKind,
    ProceduralBlockKind,
    StatementKind,
    SymbolKind,
    TimingControlKind,
    UnaryOperator,
)

from itertl.verilog.clocking import bare, constant, loop_variables
from itertl.verilog.frontend import elaborate, parse
from itertl.verilog.tokens import normalise, to_ascii

WIRE = "itertl_points"
MOST = 96  # points of a module
_TURNS = 32  # of which so many are numbers at which comparisons turn
_LONGEST = 48  # characters of a condition
_COMPARE = (
    BinaryOperator.Equality,
    BinaryOperator.Inequality,
    BinaryOperator.LessThan,
    BinaryOperator.LessThanEqual,
    BinaryOperator.GreaterThan,
    BinaryOperator.GreaterThanEqual,
)
_WILD = re.compile(r"(?i)[?zx]")
_EDGES = (EdgeKind.PosEdge, EdgeKind.NegEdge, EdgeKind.BothEdges)
_NAMED = (SymbolKind.Net, SymbolKind.Variable, SymbolKind.Parameter, SymbolKind.EnumValue)


@dataclasses.dataclass(frozen=True, slots=True)
class Point:
    """One place where a design decides: `fact` says that it never did; `condition` is Verilog, true where it does.

    `within` is the number of the point around it, -1 for none: where that is never reached, this one is not, either.
    `clocked`: it decides at edges of a clock only. `threshold`: a number at which a comparison turns, and the variable
    of the module that it is compared with. `beside`: nothing but that, a condition is not among it.
    """

    fact: str
    condition: str
    within: int = -1
    clocked: bool = False
    threshold: tuple[str, int] | None = None
    beside: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Decided:
    """A design whose modules show their points: for each module by name, and each instance (path, module)."""

    code: str
    points: Mapping[str, tuple[Point, ...]]
    instances: tuple[tuple[str, str], ...]


def with_points(code: str, top: str) -> Decided | None:
    """Return the design with its points shown; None where it has none, or cannot be read."""
    code = to_ascii(code)
    elaborated = elaborate(parse(code), top, share_instances=False)
    if elaborated.error or elaborated.top is None:
        return None
    points: dict[str, tuple[Point, ...]] = {}
    ends: dict[str, int] = {}
    instances: list[tuple[str, str]] = []
    root = len(elaborated.top.hierarchicalPath) + 1

    def see(instance: Any) -> None:
        name = instance.definition.name
        if name not in points:
            points[name] = tuple(_Reader(instance.body, code).read())
            ends[name] = instance.definition.syntax.endmodule.location.offset
        if points[name]:
            instances.append((instance.hierarchicalPath[root:], name))

    elaborated.top.visit(lookup_table={SymbolKind.Instance: see})
    shown = {name: found for name, found in points.items() if found}
    for name in sorted(shown, key=lambda n: -ends[n]):
        bits = ",\n  ".join(point.condition for point in shown[name])
        wire = f"\n  wire [{len(shown[name]) - 1}:0] {WIRE};\n  assign {WIRE} = {{{bits}}};\n"
        code = code[: ends[name]] + wire + code[ends[name] :]
    return Decided(code, shown, tuple(instances)) if shown else None


class _Reader:
    """Walks over one module and collects its points."""

    def __init__(self, body: Any, code: str) -> None:
        self.body, self.code = body, code
        self.loops = self.passing = loop_variables(body)
        self.clocked = False
        self.points: list[Point] = []
        self.turns: list[Point] = []  # behind the others: these are what is missed first
        self.inputs = {port.internalSymbol.name for port in body.portList if _enters(port)}

    def read(self) -> list[Point]:
        """Return the points of the module."""
        for member in self.body:
            if member.kind == SymbolKind.ContinuousAssign:
                self._expression(member.assignment, "", -1)
            elif member.kind == SymbolKind.Net and member.initializer is not None:
                self._expression(member.initializer, "", -1)
            elif member.kind == SymbolKind.ProceduralBlock and member.procedureKind not in (
                ProceduralBlockKind.Initial,
                ProceduralBlockKind.Final,
            ):
                self.passing = self.loops | _written_at_once(member.body)
                self.clocked = _clocked(member.body)
                self._statement(member.body, "", -1)
                self.passing, self.clocked = self.loops, False
        known = {point.fact: n for n, point in enumerate(self.points)}
        for turn in [t for t in self.turns if t.fact in known]:
            self.points[known[turn.fact]] = dataclasses.replace(self.points[known[turn.fact]], threshold=turn.threshold)
        turns = (t for t in dict.fromkeys(self.turns) if t.fact not in known)
        return [*self.points, *itertools.islice(turns, max(0, min(_TURNS, MOST - len(self.points))))]

    def _statement(self, node: Any, path: str, within: int) -> None:
        kind = node.kind
        if kind == StatementKind.Timed:
            self._statement(node.stmt, path, within)
        elif kind in (StatementKind.Block, StatementKind.ForLoop):
            self._statement(node.body, path, within)
        elif kind == StatementKind.List:
            for statement in node.list:
                self._statement(statement, path, within)
        elif kind == StatementKind.Conditional:
            self._conditional(node, path, within)
        elif kind == StatementKind.Case:
            self._case(node, path, within)
        elif kind == StatementKind.ExpressionStatement and node.expr.kind == ExpressionKind.Assignment:
            self._expression(node.expr.right, path, within)

    def _conditional(self, node: Any, path: str, within: int) -> None:
        text = self._text(node.conditions[0].expr) if len(node.conditions) == 1 else ""
        if text:
            node.conditions[0].expr.visit(lookup_table={ExpressionKind.BinaryOp: lambda e: self._turn(e, path, within)})
        for branch, wanted in ((node.ifTrue, True), (node.ifFalse, False)):
            further, inner = self._point(text, wanted, path, within)
            if branch is not None:
                self._statement(branch, further, inner)

    def _case(self, node: Any, path: str, within: int) -> None:
        selector = self._text(node.expr)
        for item in node.items:
            texts = [self._text(e, constant=True) for e in item.expressions]
            plain = bool(selector) and all(texts) and not any("'" in t and _WILD.search(t) for t in texts)
            text = " || ".join(f"({selector}) == ({t})" for t in texts) if plain else ""
            said = f"{_short(selector)}: {', '.join(map(_short, texts))} never reached"
            further, inner = self._point(text, True, path, within, said)
            self._statement(item.stmt, further, inner)
        if node.defaultCase is not None:
            self._statement(node.defaultCase, path, within)

    def _expression(self, node: Any, path: str, within: int) -> None:
        """Collect comparisons and choices in an expression that is assigned."""

        def compared(expression: Any) -> None:
            if expression.op in _COMPARE:
                text = self._text(expression)
                for wanted in (True, False):
                    self._point(text, wanted, path, within)
                self._turn(expression, path, within)

        def chosen(expression: Any) -> None:
            for condition in expression.conditions:
                if condition.expr.kind not in (ExpressionKind.BinaryOp,) or condition.expr.op not in _COMPARE:
                    text = self._text(condition.expr)
                    for wanted in (True, False):
                        self._point(text, wanted, path, within)

        table: dict[Any, Callable[[Any], None]] = {
            ExpressionKind.BinaryOp: compared,
            ExpressionKind.ConditionalOp: chosen,
        }
        node.visit(lookup_table=table)

    def _turn(self, expression: Any, path: str, within: int) -> None:
        """Add the numbers on both sides of where a comparison of a variable with a constant turns."""
        for one, other in ((expression.left, expression.right), (expression.right, expression.left)):
            held, number = bare(one), bare(other)
            value = _number(number)
            if expression.op not in _COMPARE or held.kind != ExpressionKind.NamedValue or not value:
                continue
            name, text, whole = held.symbol.name, self._text(held), held.type
            if not text or held.symbol.kind != SymbolKind.Variable or name in self.inputs or not whole.isIntegral:
                continue
            least = -(1 << whole.bitWidth - 1) if whole.isSigned else 0
            for turn in _turns(expression.op, value, one is expression.left):
                if least <= turn < least + (1 << whole.bitWidth):
                    condition = f"({text}) == ({turn})"
                    further = f"{path} && {condition}" if path else condition
                    fact = f"{_short(text)} == {turn} never true"
                    self.turns.append(Point(fact, f"({further}) === 1'b1", within, self.clocked, (name, turn), True))

    def _point(self, text: str, wanted: bool, path: str, within: int, said: str = "") -> tuple[str, int]:
        """Add a point; return the path of what stands within it, and its number."""
        if not text:
            return path, within
        condition = f"({text})" if wanted else f"!({text})"
        further = f"{path} && {condition}" if path else condition
        if len(further) > 2_000:
            return path, within
        fact = said or f"{_short(text)} never {'true' if wanted else 'false'}"
        known = next((n for n, p in enumerate(self.points) if (p.fact, p.within) == (fact, within)), None)
        if known is None and len(self.points) < MOST:
            known = len(self.points)
            self.points.append(Point(fact, f"({further}) === 1'b1", within, self.clocked))
        return further, within if known is None else known

    def _text(self, expression: Any, constant: bool = False) -> str:
        """Return an expression's text where it means the same as a net of the module, else ""; or of a constant."""
        if any(symbol is None for symbol in self._symbols(expression)):
            return ""
        names = [s for s in self._symbols(expression) if s.kind in (SymbolKind.Net, SymbolKind.Variable)]
        place = expression.sourceRange
        text = self.code[place.start.offset : place.end.offset]
        return " ".join((normalise(text) if "/" in text else text).split()) if names or constant else ""

    def _symbols(self, expression: Any) -> Iterator[Any]:
        """Yield the symbols that are named; None for what a net of the module cannot stand for."""
        found: list[Any] = []

        def see(node: Any) -> None:
            symbol = node.symbol
            own = symbol.kind in _NAMED and symbol.parentScope == self.body
            found.append(symbol if own and symbol.hierarchicalPath not in self.passing else None)

        def refuse(node: Any) -> None:
            found.append(None)

        table: dict[Any, Callable[[Any], None]] = {
            ExpressionKind.NamedValue: see,
            ExpressionKind.HierarchicalValue: refuse,
            ExpressionKind.Call: refuse,
            ExpressionKind.Assignment: refuse,
        }
        expression.visit(lookup_table=table)
        yield from found


def _number(expression: Any) -> int:
    """Return the number that a constant is, with a sign before it or none, 0 for anything else."""
    if expression.kind == ExpressionKind.UnaryOp and expression.op == UnaryOperator.Minus:
        return -constant(bare(expression.operand))
    return constant(expression)


def _turns(op: BinaryOperator, value: int, left: bool) -> tuple[int, ...]:
    """Return the numbers beside which a comparison with `value`, of what stands on its left or right, turns."""
    if op in (BinaryOperator.Equality, BinaryOperator.Inequality):
        return (value,)
    below = op in (BinaryOperator.LessThan, BinaryOperator.GreaterThanEqual)  # turns between value - 1 and value
    return (value - 1, value) if below == left else (value, value + 1)


def _enters(port: Any) -> bool:
    return bool(getattr(port, "internalSymbol", None)) and port.direction != ArgumentDirection.Out


def _written_at_once(block: Any) -> set[str]:
    """Return what a block assigns with `=`: what it tests may be a value in between, which no net shows."""
    found: set[str] = set()

    def name(value: Any) -> None:
        found.add(value.symbol.hierarchicalPath)

    def see(assignment: Any) -> None:
        if not assignment.isNonBlocking:
            assignment.left.visit(lookup_table={ExpressionKind.NamedValue: name})

    block.visit(lookup_table={ExpressionKind.Assignment: see})
    return found


def _clocked(block: Any) -> bool:
    """True if a block waits for edges."""
    if block.kind != StatementKind.Timed:
        return False
    events = block.timing.events if block.timing.kind == TimingControlKind.EventList else [block.timing]
    return any(e.kind == TimingControlKind.SignalEvent and e.edge in _EDGES for e in events)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
