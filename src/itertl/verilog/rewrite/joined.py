"""Parameters without a type whose value is computed, inside of a concatenation.

    joins_computed(tree, text)  ->  True if there may be one

`localparam P = 1 + 2;` has 32 bits. Icarus Verilog gives it as many as a sum can have at most, 33, so that what stands
left of it in `{a, P}` moves by one.
"""

from collections.abc import Iterator
from typing import Any

from pyslang.parsing import Token as SyntaxToken
from pyslang.syntax import SyntaxKind

# What has a width of its own, whatever the parameters in it have, or is looked at by itself.
_APART = (
    SyntaxKind.ConcatenationExpression,
    SyntaxKind.MultipleConcatenationExpression,
    SyntaxKind.IdentifierSelectName,
    SyntaxKind.ElementSelectExpression,
    SyntaxKind.InvocationExpression,
)
_NUMBERS = (
    SyntaxKind.IntegerLiteralExpression,
    SyntaxKind.IntegerVectorExpression,
    SyntaxKind.UnaryMinusExpression,
    SyntaxKind.UnaryPlusExpression,
    SyntaxKind.ParenthesizedExpression,
)


def joins_computed(tree: Any, text: str) -> bool:
    """Return True if a concatenation in `tree`, parsed from `text`, may hold such a one, told by its name alone."""
    if "{" not in text or "param" not in text:
        return False
    joined: set[str] = set()
    untyped: set[str] = set()
    computed: set[str] = set()
    by_place: list[bool] = []

    def join(node: Any) -> None:
        for operand in node.expressions:
            joined.update(_names(operand))

    def declare(node: Any) -> None:
        if node.type.kind != SyntaxKind.ImplicitType or len(node.type.dimensions):
            return
        for declarator in node.declarators:
            if getattr(declarator, "kind", None) == SyntaxKind.Declarator:
                name = declarator.name.valueText
                untyped.add(name)
                if declarator.initializer is not None and not _is_number(declarator.initializer.expr):
                    computed.add(name)

    def give(node: Any) -> None:
        if node.expr is not None and not _is_number(node.expr):
            computed.add(node.name.valueText)

    def give_by_place(node: Any) -> None:
        by_place.append(not _is_number(node.expr))

    lookup = {
        SyntaxKind.ConcatenationExpression: join,
        SyntaxKind.ParameterDeclaration: declare,
        SyntaxKind.NamedParamAssignment: give,
        SyntaxKind.OrderedParamAssignment: give_by_place,
    }
    tree.root.visit(lookup_table=lookup)
    return not joined.isdisjoint(untyped if any(by_place) else untyped & computed)


def _names(operand: Any) -> Iterator[str]:
    """Yield the names in an operand that decide about its width; a sum nests as deeply as it has terms."""
    left = [operand]
    while left:
        node = left.pop()
        if isinstance(node, SyntaxToken) or node.kind in _APART:
            continue
        if node.kind == SyntaxKind.IdentifierName:
            yield node.identifier.valueText
        left.extend(node)


def _is_number(expression: Any) -> bool:
    """Return True for a literal, with or without signs and parentheses."""
    left = [expression]
    while left:
        node = left.pop()
        if isinstance(node, SyntaxToken):
            continue
        if node.kind not in _NUMBERS:
            return False
        left.extend(node)
    return True
