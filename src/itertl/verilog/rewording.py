"""The same design in other words: what a synthesis tool makes of that is its noise, and no difference is below it.

    reworded(code, top, seed)  ->  code        # equal arguments give equal text

Three changes that no engineer would call one: other names (`renaming`), operands of commutative operators the other way
round, and neighbouring items of a module (assignments, processes, instances) in another order. Yosys does not
react to names alone, but to the order in which it meets what they stand for: cells change by an eighth at times.

    python -c "from itertl.verilog.rewording import *
    print(reworded('module t(input a, b, output y); assign y = a & b; endmodule', 't', 1))"
"""

import random
from collections.abc import Iterator
from typing import Any

from pyslang.parsing import Token as SyntaxToken
from pyslang.syntax import SyntaxKind

from itertl.verilog.renaming import modules, parsed, renamed, replaced
from itertl.verilog.rewrite.aggregates import span

_COMMUTATIVE = frozenset(
    {
        SyntaxKind.AddExpression,
        SyntaxKind.MultiplyExpression,
        SyntaxKind.BinaryAndExpression,
        SyntaxKind.BinaryOrExpression,
        SyntaxKind.BinaryXorExpression,
        SyntaxKind.BinaryXnorExpression,
        SyntaxKind.EqualityExpression,
        SyntaxKind.InequalityExpression,
        SyntaxKind.LogicalAndExpression,
        SyntaxKind.LogicalOrExpression,
    }
)
_ACTING = frozenset(  # what may do something beside giving a value: its order counts
    {
        SyntaxKind.InvocationExpression,
        SyntaxKind.PostincrementExpression,
        SyntaxKind.PostdecrementExpression,
        SyntaxKind.UnaryPreincrementExpression,
        SyntaxKind.UnaryPredecrementExpression,
    }
)
_CONCURRENT = frozenset(
    {
        SyntaxKind.ContinuousAssign,
        SyntaxKind.AlwaysBlock,
        SyntaxKind.AlwaysCombBlock,
        SyntaxKind.AlwaysFFBlock,
        SyntaxKind.AlwaysLatchBlock,
        SyntaxKind.HierarchyInstantiation,
        SyntaxKind.PrimitiveInstantiation,
    }
)
_SHARE = 0.5  # of the operators whose operands change places


def reworded(code: str, top: str, seed: int) -> str:
    """Return `code` in other words; raise DataError where it cannot be parsed."""
    return reordered(swapped(renamed(code, top, seed), seed), seed)


def swapped(code: str, seed: int) -> str:
    """Return `code` with the operands of half of its commutative operators the other way round."""
    text, root = parsed(code)
    rng = random.Random(f"operands {seed}")
    found: list[tuple[tuple[int, int], tuple[int, int], tuple[int, int]]] = []
    acting: list[int] = []

    def see(node: Any) -> None:
        if isinstance(node, SyntaxToken):
            return
        if node.kind in _ACTING:
            acting.append(span(node)[0])
        elif node.kind in _COMMUTATIVE and rng.random() < _SHARE:
            found.append((span(node), span(node.left), span(node.right)))

    root.visit(see)
    edits = []
    for (start, end), left, right in found:
        if not any(start <= at < end for at in acting):
            between = text[left[1] : right[0]]
            edits.append((start, end, f"({text[slice(*right)]}){between}({text[slice(*left)]})"))
    return replaced(text, edits)


def reordered(code: str, seed: int) -> str:
    """Return `code` with assignments, processes and instances that stand side by side in another order."""
    text, root = parsed(code)
    rng = random.Random(f"items {seed}")
    edits = []
    for module in modules(root):
        for run in _runs(module):
            others = rng.sample(run, len(run))
            edits += [(*place, text[slice(*other)]) for place, other in zip(run, others, strict=True)]
    return replaced(text, edits)


def _runs(module: Any) -> Iterator[list[tuple[int, int]]]:
    """Yield the spans of concurrent items with nothing between them: no declaration may come behind its use."""
    run: list[tuple[int, int]] = []
    for member in module.members:
        if member.kind in _CONCURRENT:
            run.append(span(member))
        elif run:
            yield run
            run = []
    if run:
        yield run
