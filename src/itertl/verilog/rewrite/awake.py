"""Values that variables are declared with, so that they are there before any initial block reads them.

    reg t; reg m [0:3];   ->   reg t = 1'b0; reg m [0:3]; reg k = kf(0); function kf(input z); ... endfunction

Initial values are set in the order of their declarations, and before initial blocks run.
"""

from collections.abc import Callable, Iterator
from typing import Any

from pyslang.ast import SymbolKind, VariableLifetime
from pyslang.syntax import SyntaxKind

from itertl.verilog.rewrite.aggregates import Edit, span
from itertl.verilog.state import set_by_nothing

_BODIES = (SyntaxKind.ModuleDeclaration, SyntaxKind.GenerateBlock)
_PART = 8192  # bits of one number
Sided = Callable[[int], Iterator[Edit]]


def awake(top: Any, stem: str, draw: Callable[[], int]) -> Iterator[Sided]:
    """Yield what gives each variable of a design that has no value yet one; `stem` begins no name of the design."""
    seen: set[int] = set()
    symbols = list(set_by_nothing(top))
    top.visit(lookup_table={SymbolKind.Variable: lambda node: symbols.append(node) if _in_block(node) else None})
    for symbol in symbols:
        node, kind = symbol.syntax, symbol.type
        if node is None or node.kind != SyntaxKind.Declarator or node.initializer is not None:
            continue
        start, end = span(node)
        if start in seen:
            continue
        seen.add(start)
        if kind.isIntegral and kind.isFourState and not kind.isEnum:
            yield _with_value(end, [draw() for _ in range(kind.bitWidth)])
        elif kind.isUnpackedArray and kind.hasFixedRange and node.parent.parent.kind in _BODIES:
            bounds: list[tuple[int, int]] = []
            while kind.isUnpackedArray and kind.hasFixedRange:
                low, high = sorted((kind.fixedRange.left, kind.fixedRange.right))
                bounds.append((low, high))
                kind = kind.elementType
            if kind.isIntegral and kind.isFourState and not kind.isEnum:
                bits = [draw() for _ in range(kind.bitWidth)]
                yield _with_words(span(node.parent)[1], f"{stem}{start}", symbol.name, bounds, bits)


def _in_block(symbol: Any) -> bool:
    """True for a variable that a block of statements keeps, with a name or without one."""
    node = symbol.syntax
    block = node is not None and node.parent.parent.kind == SyntaxKind.SequentialBlockStatement
    return block and symbol.lifetime != VariableLifetime.Automatic


def _with_value(at: int, bits: list[int]) -> Sided:
    return lambda side: iter([Edit(at, at, f" = {_number(bits, side)}")])


def _with_words(at: int, name: str, memory: str, bounds: list[tuple[int, int]], bits: list[int]) -> Sided:
    counters = [f"j{n}" for n in range(len(bounds))]
    loops = "".join(f"for ({j} = {a}; {j} <= {b}; {j} = {j} + 1) " for j, (a, b) in zip(counters, bounds, strict=True))
    word = memory + "".join(f"[{j}]" for j in counters)

    def edits(side: int) -> Iterator[Edit]:
        head = f"function {name}f(input z); integer {', '.join(counters)};"
        body = f"{head} begin {loops}{word} = {_number(bits, side)}; {name}f = 0; end endfunction"
        yield Edit(at, at, f" reg {name} = {name}f(1'b0); {body}")

    return edits


def _number(bits: list[int], side: int) -> str:
    """Return a number; a long one in parts, since a simulator reads no token of 16,384 characters."""
    parts = [bits[at : at + _PART] for at in range(0, len(bits), _PART)]
    texts = [f"{len(part)}'b{''.join(str(bit ^ side) for bit in part)}" for part in parts]
    return texts[0] if len(texts) == 1 else f"{{{', '.join(texts)}}}"
