"""What can go wrong in a design, as edits on pyslang's syntax tree: one function for each kind of construct.

    for edit in edits(root, scopes, resets): edit.kind, edit.parts          # parts: (start, end, new text)

Nothing here checks that the result is a design; `mutate.mutants` does. Headers of modules, labels and the steps of
loops stay as they are: another port list is no mutant, and a loop without an end tells nothing about a bench.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from pyslang.parsing import Token
from pyslang.syntax import SyntaxKind

from itertl.verilog.rewrite.literals import neighbours

KINDS = (
    "operator", "comparison", "constant", "edge", "asynchronous reset", "sensitivity", "reset value", "reset polarity",
    "width", "index", "branches", "concatenation", "assignment", "blocking", "condition", "negation", "signal",
    "default", "else",
)  # fmt: skip

_OPERATORS: dict[str, tuple[str, ...]] = {
    "+": ("-", "^"), "-": ("+",), "*": ("+",), "/": ("*",), "%": ("/",), "**": ("*",),
    "&": ("|", "^"), "|": ("&", "^"), "^": ("|", "~^"), "~^": ("^",), "^~": ("^",),
    "&&": ("||",), "||": ("&&",), "==": ("!=",), "!=": ("==",), "===": ("!==",), "!==": ("===",),
    "<<": (">>",), ">>": ("<<",), "<<<": (">>>",), ">>>": (">>", "<<"), "<": (">=",), "<=": (">",), ">": ("<=",),
    ">=": ("<",), "+=": ("-=",), "-=": ("+=",), "&=": ("|=",), "|=": ("&=",), "^=": ("|=",),
}  # fmt: skip
_BOUNDARY = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
_REDUCTIONS = {"&": "|", "|": "&", "^": "|", "~&": "&", "~|": "|", "~^": "^", "^~": "^"}
_STEPS = {"++": "--", "--": "++"}
_ASSIGNMENTS = (SyntaxKind.AssignmentExpression, SyntaxKind.NonblockingAssignmentExpression)
_SKIPPED = (SyntaxKind.ModuleHeader, SyntaxKind.FunctionPrototype, SyntaxKind.NamedBlockClause)

Part = tuple[int, int, str]
Scope = Mapping[str, tuple[str, int]]  # name -> what it is (signal or constant), width in bits


@dataclasses.dataclass(frozen=True, slots=True)
class Edit:
    """One defect: its kind, and the parts (start, end, new text) of the code that it replaces."""

    kind: str
    parts: tuple[Part, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class _Place:
    """Where the walk is: `reset_branch` inside what a reset does, `frozen_names` on the left of an assignment."""

    code: str
    scope: Scope
    resets: Mapping[str, int]
    reset_branch: bool = False
    frozen_names: bool = False

    def text(self, node: Any) -> str:
        start, end = span(node)
        return self.code[start:end]


def span(node: Any) -> tuple[int, int]:
    """Return where a node or token starts and ends, comments before it left out."""
    if isinstance(node, Token):
        return node.location.offset, node.location.offset + len(node.rawText)
    area = node.sourceRange
    return area.start.offset, area.end.offset


def edits(root: Any, code: str, scopes: Mapping[str, Scope], resets: Mapping[str, int]) -> Iterator[Edit]:
    """Yield the edits of every module of a syntax tree.

    `scopes` holds the names of each module, `resets` the active level (0 or 1) of each reset.
    """
    modules = root.members if root.kind == SyntaxKind.CompilationUnit else [root]
    for module in modules:
        if module.kind == SyntaxKind.ModuleDeclaration:
            place = _Place(code, scopes.get(module.header.name.valueText, {}), resets)
            for member in module.members:
                yield from _walk(member, place)


def _walk(node: Any, place: _Place) -> Iterator[Edit]:
    if node is None or isinstance(node, Token) or node.kind in _SKIPPED:
        return
    kind = node.kind
    if kind in _ASSIGNMENTS:
        yield from _assignment(node, place)
    elif kind == SyntaxKind.ConditionalStatement:
        yield from _conditional(node, place)
    elif kind == SyntaxKind.ForLoopStatement:
        yield from _walk(node.stopExpr, place)
        yield from _walk(node.statement, place)
    elif kind == SyntaxKind.LoopGenerate:
        yield from _walk(node.stopExpr, place)
        yield from _walk(node.block, place)
    elif kind in (SyntaxKind.EventControlWithExpression, SyntaxKind.ImplicitEventControl):
        yield from _events(node, place)
    else:
        for operator in _BY_KIND.get(kind, ()):
            yield from operator(node, place)
        if kind in (SyntaxKind.DataDeclaration, SyntaxKind.NetDeclaration):
            yield from _children(node.declarators, place)
        else:
            yield from _children(node, place)


def _children(node: Any, place: _Place) -> Iterator[Edit]:
    for child in node:
        yield from _walk(child, place)


def _swap(kind: str, one: Any, other: Any, place: _Place) -> Edit:
    return Edit(kind, ((*span(one), place.text(other)), (*span(other), place.text(one))))


def _replace(kind: str, node: Any, text: str) -> Edit:
    return Edit(kind, ((*span(node), text),))


def _assignment(node: Any, place: _Place) -> Iterator[Edit]:
    """Drop the assignment, block or unblock it, invert what it assigns; then the target's indices and the source."""
    statement = node.parent
    procedural = statement is not None and statement.kind == SyntaxKind.ExpressionStatement
    if procedural:
        yield _replace("assignment", statement, ";")
        nonblocking = node.kind == SyntaxKind.NonblockingAssignmentExpression
        yield _replace("blocking", node.operatorToken, "=" if nonblocking else "<=")
    elif statement is not None and statement.kind == SyntaxKind.ContinuousAssign:
        yield _replace("assignment", statement, "")
    yield _replace("negation", node.right, f"~({place.text(node.right)})")
    yield from _walk(node.left, dataclasses.replace(place, frozen_names=True))
    yield from _walk(node.right, place)


def _conditional(node: Any, place: _Place) -> Iterator[Edit]:
    """Invert the condition, drop the else branch, swap the branches; a reset's branch holds reset values."""
    tested = place.text(node.predicate)
    names = _names(node.predicate)
    is_reset = len(names) == 1 and names <= place.resets.keys()
    inverted = _replace("reset polarity" if is_reset else "condition", node.predicate, f"!({tested})")
    yield inverted
    if is_reset and (edge := _edge_of(node, *names)) is not None:
        other = "negedge" if edge.rawText == "posedge" else "posedge"
        yield Edit("reset polarity", (*_replace("", edge, other).parts, *inverted.parts))
    if node.elseClause is not None:
        yield _replace("else", node.elseClause, "")
        yield Edit("condition", ((*span(node), place.text(node.elseClause.clause)),))
        if node.elseClause.clause.kind != SyntaxKind.ConditionalStatement:
            yield _swap("branches", node.statement, node.elseClause.clause, place)
    else:
        yield Edit("condition", ((*span(node), place.text(node.statement)),))
    yield from _walk(node.predicate, place)
    yield from _walk(node.statement, dataclasses.replace(place, reset_branch=place.reset_branch or is_reset))
    if node.elseClause is not None:
        yield from _walk(node.elseClause, place)


def _edge_of(statement: Any, name: str) -> Any:
    """Return the edge keyword behind which `name` triggers the always block around `statement`, or None."""
    node = statement.parent
    while node is not None and node.kind != SyntaxKind.TimingControlStatement:
        node = node.parent
    if node is None:
        return None
    for event in _signal_events(node.timingControl):
        if _names(event.expr) == {name} and event.edge.rawText in ("posedge", "negedge"):
            return event.edge
    return None


def _signal_events(node: Any) -> list[Any]:
    found: list[Any] = []

    def see(inner: Any) -> None:
        if not isinstance(inner, Token) and inner.kind == SyntaxKind.SignalEventExpression:
            found.append(inner)

    node.visit(see)
    return found


def _names(node: Any) -> set[str]:
    found: set[str] = set()

    def see(inner: Any) -> None:
        if not isinstance(inner, Token) and inner.kind in (
            SyntaxKind.IdentifierName,
            SyntaxKind.IdentifierSelectName,
        ):
            found.add(inner.identifier.valueText)

    node.visit(see)
    return found


def _events(node: Any, place: _Place) -> Iterator[Edit]:
    """Turn edges round, drop one trigger of several, add an asynchronous reset to a block that tests one."""
    events = _signal_events(node)
    for event in events:
        if event.edge.rawText in ("posedge", "negedge"):
            yield _replace("edge", event.edge, "negedge" if event.edge.rawText == "posedge" else "posedge")
    if len(events) > 1:
        texts = [place.text(e) for e in events]
        for i, event in enumerate(events):
            rest = " or ".join(t for j, t in enumerate(texts) if j != i)
            reset = event.edge.rawText and _names(event.expr) & place.resets.keys()
            yield _replace("asynchronous reset" if reset else "sensitivity", node, f"@({rest})")
    elif len(events) == 1 and events[0].edge.rawText:
        for reset in sorted(place.resets.keys() & (_names(node.parent.statement) - _names(events[0].expr))):
            edge = "posedge" if place.resets[reset] else "negedge"
            yield _replace("asynchronous reset", node, f"@({place.text(events[0])} or {edge} {reset})")


def _binary(node: Any, place: _Place) -> Iterator[Edit]:
    text = node.operatorToken.rawText
    for other in _OPERATORS.get(text, ()):
        yield _replace("operator", node.operatorToken, other)
    if text in _BOUNDARY:
        yield _replace("comparison", node.operatorToken, _BOUNDARY[text])


def _unary(node: Any, place: _Place) -> Iterator[Edit]:
    text = node.operatorToken.rawText
    if text in ("~", "!", "-"):
        yield _replace("negation", node.operatorToken, "")
    if text in _REDUCTIONS:
        yield _replace("operator", node.operatorToken, _REDUCTIONS[text])


def _step(node: Any, place: _Place) -> Iterator[Edit]:
    text = node.operatorToken.rawText
    if text in _STEPS:
        yield _replace("operator", node.operatorToken, _STEPS[text])


def _literal(node: Any, place: _Place) -> Iterator[Edit]:
    if node.parent is not None and node.parent.kind in (SyntaxKind.BitSelect, SyntaxKind.SimpleRangeSelect):
        return  # an index, which has mutations of its own
    for text in neighbours(place.text(node)):
        yield _replace("reset value" if place.reset_branch else "constant", node, text)


def _choice(node: Any, place: _Place) -> Iterator[Edit]:
    yield _swap("branches", node.left, node.right, place)
    yield _replace("condition", node, f"({place.text(node.left)})")
    yield _replace("condition", node, f"({place.text(node.right)})")


def _cases(node: Any, place: _Place) -> Iterator[Edit]:
    """Drop the default, swap the bodies of neighbouring items, drop an item."""
    items = list(node.items)
    for item in items:
        if item.kind == SyntaxKind.DefaultCaseItem:
            yield _replace("default", item, "")
        elif len(items) > 1:
            yield _replace("branches", item, "")
    for one, other in pairwise(items):
        if place.text(one.clause) != place.text(other.clause):
            yield _swap("branches", one.clause, other.clause, place)


def _parts(node: Any, place: _Place) -> Iterator[Edit]:
    parts = [p for p in node.expressions if not isinstance(p, Token)]
    for one, other in pairwise(parts):
        if place.text(one) != place.text(other):
            yield _swap("concatenation", one, other, place)


def _bit(node: Any, place: _Place) -> Iterator[Edit]:
    for step in ("+ 1", "- 1"):
        yield _replace("index", node.expr, _moved(place.text(node.expr), step))


def _range(node: Any, place: _Place) -> Iterator[Edit]:
    """Move both bounds of a part select, or the width of a vector that is declared (never of a port)."""
    if node.parent.kind == SyntaxKind.RangeDimensionSpecifier:
        return
    for step in ("+ 1", "- 1"):
        left = (*span(node.left), _moved(place.text(node.left), step))
        both = node.kind == SyntaxKind.SimpleRangeSelect
        yield Edit("index", (left, (*span(node.right), _moved(place.text(node.right), step))) if both else (left,))


def _width(node: Any, place: _Place) -> Iterator[Edit]:
    """Declare the vectors of a declaration one bit narrower or wider."""
    dimensions = [d for d in getattr(node.type, "dimensions", ()) if not isinstance(d, Token)]
    if len(dimensions) == 1 and dimensions[0].specifier.kind == SyntaxKind.RangeDimensionSpecifier:
        left = dimensions[0].specifier.selector.left
        for step in ("- 1", "+ 1"):
            yield _replace("width", left, _moved(place.text(left), step))


def _moved(text: str, step: str) -> str:
    """Return an index one further, folded where it is a plain number."""
    if text.isdigit():
        return str(int(text) + (1 if step[0] == "+" else -1))
    return f"{text} {step}"


def _name(node: Any, place: _Place) -> Iterator[Edit]:
    """Read another signal of the same width, or another named constant: at most two, the next in their order."""
    if place.frozen_names:
        return
    name = node.identifier.valueText
    known = list(place.scope)
    if name not in place.scope:
        return
    at = known.index(name)
    others = [n for n in known[at + 1 :] + known[:at] if place.scope[n] == place.scope[name]]
    for other in others[:2]:
        yield _replace("reset value" if place.reset_branch else "signal", node.identifier, other)


_Operator = Callable[[Any, _Place], Iterator[Edit]]


def _table(rows: Sequence[tuple[_Operator, str]]) -> dict[SyntaxKind, tuple[_Operator, ...]]:
    table: dict[SyntaxKind, tuple[_Operator, ...]] = {}
    for operator, names in rows:
        for kind in (SyntaxKind.__members__[n] for n in names.split()):
            table[kind] = (*table.get(kind, ()), operator)
    return table


_BY_KIND = _table(
    (
        (
            _binary,
            "AddExpression SubtractExpression MultiplyExpression DivideExpression ModExpression PowerExpression "
            "BinaryAndExpression BinaryOrExpression BinaryXorExpression BinaryXnorExpression LogicalAndExpression "
            "LogicalOrExpression EqualityExpression InequalityExpression CaseEqualityExpression "
            "CaseInequalityExpression LogicalShiftLeftExpression LogicalShiftRightExpression "
            "ArithmeticShiftLeftExpression ArithmeticShiftRightExpression LessThanExpression LessThanEqualExpression "
            "GreaterThanExpression GreaterThanEqualExpression AddAssignmentExpression SubtractAssignmentExpression "
            "AndAssignmentExpression OrAssignmentExpression XorAssignmentExpression",
        ),
        (
            _unary,
            "UnaryBitwiseNotExpression UnaryLogicalNotExpression UnaryMinusExpression UnaryBitwiseAndExpression "
            "UnaryBitwiseOrExpression UnaryBitwiseXorExpression UnaryBitwiseNandExpression UnaryBitwiseNorExpression "
            "UnaryBitwiseXnorExpression",
        ),
        (_step, "PostincrementExpression PostdecrementExpression"),
        (_literal, "IntegerLiteralExpression IntegerVectorExpression UnbasedUnsizedLiteralExpression"),
        (_choice, "ConditionalExpression"),
        (_cases, "CaseStatement"),
        (_parts, "ConcatenationExpression"),
        (_bit, "BitSelect"),
        (_range, "SimpleRangeSelect AscendingRangeSelect DescendingRangeSelect"),
        (_width, "DataDeclaration NetDeclaration"),
        (_name, "IdentifierName IdentifierSelectName"),
    )
)
