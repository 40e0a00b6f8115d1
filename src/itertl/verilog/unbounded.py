"""Ranges without an end in constant expressions, which pyslang 12 does not evaluate there, without a word.

    bounded(tree)  ->  trees     generate if (N inside {[4:$]})     as     generate if (N inside {[4:N]})

A value is never beyond itself, so it stands for `$` (IEEE 1800-2017, 11.4.13). All else keeps its place in the text.
"""

from typing import Any

from pyslang.syntax import SyntaxKind, SyntaxTree, rewrite

# What runs is read right, and its values may be calls that change something; a width in it is constant all the same.
_RUNS = frozenset(
    {
        SyntaxKind.AlwaysBlock, SyntaxKind.AlwaysCombBlock, SyntaxKind.AlwaysFFBlock, SyntaxKind.AlwaysLatchBlock,
        SyntaxKind.InitialBlock, SyntaxKind.FinalBlock, SyntaxKind.FunctionDeclaration, SyntaxKind.TaskDeclaration,
        SyntaxKind.ContinuousAssign,
    }
)  # fmt: skip


def bounded(tree: Any) -> tuple[Any, ...]:
    """Return what to elaborate for a syntax tree, so that every range of `inside` that is constant has two ends.

    A rewritten tree reads the text of its first one, but does not hold it: an empty tree beside it does.
    """
    found: list[Any] = []
    tree.root.visit(lookup_table={SyntaxKind.InsideExpression: found.append})
    if not any(map(_constant, found)):
        return (tree,)

    def close(node: Any, rewriter: Any) -> None:
        if getattr(node, "kind", None) != SyntaxKind.ValueRangeExpression:
            return
        above = node.parent.parent
        if above is None or above.kind != SyntaxKind.InsideExpression or not _constant(above):
            return
        for end in (node.left, node.right):
            if end.kind == SyntaxKind.WildcardLiteralExpression:
                rewriter.replace(end, above.expr)

    return rewrite(tree, close), SyntaxTree.fromText("", tree.sourceManager)


def _constant(node: Any) -> bool:
    """True if an expression stands where its value has to be known before anything runs."""
    while node is not None and node.kind not in _RUNS:
        if node.kind == SyntaxKind.VariableDimension:
            return True
        node = node.parent
    return node is None
