"""How far a design counts: the numbers that its counters are compared with, begin with, or reach by one of their bits.

    counts_of("... if (n == 700) ... else n <= n + 1; ...", "top")  ->  {700: "n"}

A counter is a variable that a constant or a single bit is added to or taken from. Small numbers are left out: they come
up anyway.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from pyslang.ast import BinaryOperator, EvalContext, ExpressionKind, StatementKind, UnaryOperator

from itertl.verilog.clocking import COMPARE, bare, constant, loop_variables, symbols
from itertl.verilog.frontend import elaborate, parse
from itertl.verilog.sized import meant
from itertl.verilog.tokens import to_ascii

LEAST = 24  # cycles; what comes sooner, ordinary stimuli reach
_MOST_BIT = 31  # of a counter, by which it tells how far it is
MOST = 20_000  # expressions that are looked at
_WHOLE = 12  # bits of a counter that is reduced to one of them, at most
_STEPS = (BinaryOperator.Add, BinaryOperator.Subtract)
_ONE_BY_ONE = (
    UnaryOperator.Preincrement,
    UnaryOperator.Predecrement,
    UnaryOperator.Postincrement,
    UnaryOperator.Postdecrement,
)
_REDUCED = (
    UnaryOperator.BitwiseAnd,
    UnaryOperator.BitwiseNand,
    UnaryOperator.BitwiseOr,
    UnaryOperator.BitwiseNor,
    UnaryOperator.BitwiseXor,
)


@dataclasses.dataclass(frozen=True, slots=True)
class Counts:
    """The counts of a design, each with the counter that it was found at, in their order.

    `cut`: it has more expressions than are looked at.
    """

    found: Mapping[int, str] = dataclasses.field(default_factory=dict)
    cut: bool = False


def counts_of(code: str, top: str) -> dict[int, str]:
    """Return the counts of a design that elaborates, each with the counter that it was found at, in their order."""
    return dict(read_counts(code, top).found)


def read_counts(code: str, top: str) -> Counts:
    """Return the counts of a design that elaborates, and whether all of it was looked at."""
    if "+" not in code and "-" not in code:
        return Counts()
    elaborated = elaborate(
        parse(meant(to_ascii(code))), top, share_instances="interface" not in code
    )  # as the guard does
    if elaborated.top is None or elaborated.excess:
        return Counts()
    loops, prefix = loop_variables(elaborated.top.body), f"{elaborated.top.hierarchicalPath}."
    paths = list(_counters(elaborated.top))
    counters = set(paths) - loops
    found: dict[int, str] = {}
    left = _Left(MOST if len(paths) < MOST else 0)
    if counters:
        for count, path in _counts(elaborated.top, counters, left):
            if count >= LEAST:
                found.setdefault(count, path.removeprefix(prefix))
    return Counts(dict(sorted(found.items())), left.over)


class _Left:
    """How many expressions are still looked at; `over` once one is not."""

    def __init__(self, number: int) -> None:
        self.number, self.over = number, number == 0

    def one(self) -> bool:
        self.number -= 1
        self.over = self.over or self.number < 0
        return not self.over


def _counters(top: Any) -> Iterator[str]:
    """Yield the paths of variables that are counted up or down by a constant."""
    found: list[str] = []

    def add(paths: Iterator[str]) -> None:
        found.extend(paths)

    def binary(expression: Any) -> None:
        if expression.op in _STEPS and len(found) < MOST:
            for step, counted in ((expression.right, expression.left), (expression.left, expression.right)):
                if _is_step(bare(step)):
                    add(symbol.hierarchicalPath for symbol in symbols(counted))

    def unary(expression: Any) -> None:
        if expression.op in _ONE_BY_ONE:
            add(symbol.hierarchicalPath for symbol in symbols(expression.operand))

    def assigned(assignment: Any) -> None:
        if assignment.isCompound and assignment.op in _STEPS and _is_step(bare(_operand(assignment))):
            add(symbol.hierarchicalPath for symbol in symbols(assignment.left))

    top.visit(
        lookup_table={
            ExpressionKind.BinaryOp: binary,
            ExpressionKind.UnaryOp: unary,
            ExpressionKind.Assignment: assigned,
        }
    )
    yield from found


def _is_step(expression: Any) -> bool:
    """True for what something counts by: a constant, or a single bit."""
    return bool(constant(expression) or expression.type.bitWidth == 1)


def _operand(assignment: Any) -> Any:
    """Return what a compound assignment adds."""
    value = bare(assignment.right)
    return value.right if value.kind == ExpressionKind.BinaryOp else value


def _folded(expression: Any, context: EvalContext) -> int:
    """Return the value of a constant expression, 0 for any other."""
    folded: Any = expression.constant or (None if symbols(expression) else expression.eval(context))
    value: Any = folded.value if folded else None
    return int(value) if hasattr(value, "hasUnknown") and not value.hasUnknown else 0


def _counts(top: Any, counters: set[str], left: _Left) -> Iterator[tuple[int, str]]:
    """Yield numbers with the counters that they have to do with."""
    found: list[tuple[int, str]] = []
    number = partial(_folded, context=EvalContext(top.body))

    def of(expression: Any) -> str:
        if not left.one():  # far more than a design that is no attack holds
            return ""
        return next((s.hierarchicalPath for s in symbols(expression) if s.hierarchicalPath in counters), "")

    def binary(expression: Any) -> None:
        if expression.op in COMPARE and (path := of(expression)):
            found.append((max(number(expression.left), number(expression.right)), path))

    def unary(expression: Any) -> None:
        width = expression.operand.type.bitWidth
        if expression.op in _REDUCED and width <= _WHOLE and (path := of(expression.operand)):
            found.append(((1 << width) - 1, path))

    def selected(expression: Any) -> None:
        bit = number(expression.selector)
        if 0 <= bit <= _MOST_BIT and expression.type.bitWidth == 1 and (path := of(expression.value)):
            found.append((1 << bit, path))

    def assigned(assignment: Any) -> None:
        if not (path := of(assignment.left)):
            return

        def literal(value: Any) -> None:
            found.append((constant(value), path))

        found.append((number(assignment.right), path))
        assignment.right.visit(lookup_table=dict.fromkeys(_CONSTANT, literal))

    def chosen(statement: Any) -> None:
        if path := of(statement.expr):
            found.extend((number(e), path) for item in statement.items for e in item.expressions)

    top.visit(
        lookup_table={
            ExpressionKind.BinaryOp: binary,
            ExpressionKind.UnaryOp: unary,
            ExpressionKind.ElementSelect: selected,
            ExpressionKind.Assignment: assigned,
            StatementKind.Case: chosen,
        }
    )
    yield from found


_CONSTANT = (ExpressionKind.IntegerLiteral, ExpressionKind.NamedValue)
