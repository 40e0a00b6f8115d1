"""A design twice, each time with other values where its text leaves them open, and with a name for every scope.

    begun(plain, top, draw)  ->  Begun(texts=(Plain, Plain), state)     None where nothing is open

What is open: state that nothing sets (`state`), x in constants, variables of automatic functions before they are set,
nets whose drivers contradict each other. Each bit is 0 in one text and 1 in the other one. Blocks without a name get
one, so that a bench can reach the state in them.

Left alone is x where it is a pattern: in items of a case, behind ==? and inside, beside ===, and in parameters that
stand there.
"""

import dataclasses
import re
from collections.abc import Callable, Iterator
from typing import Any

from pyslang.ast import SymbolKind, VariableLifetime
from pyslang.syntax import SyntaxKind

from itertl.verilog.early import early_reads
from itertl.verilog.frontend import elaborate, parse
from itertl.verilog.rewrite.aggregates import Edit, span
from itertl.verilog.rewrite.awake import Sided, awake
from itertl.verilog.rewrite.plain.design import Plain
from itertl.verilog.rewrite.rewritten import edited
from itertl.verilog.state import Held, affordable, contended

_OPEN = re.compile(r"'[sS]?[bBoOhHdD]?\s*[\da-fA-F_zZ?]*[xX]|'[sS]?[bBoOhHdD]\s*[\da-fA-F_xX]*[zZ?]|'[zZ]")
_SCOPED = re.compile(r"\b(?:if|for|case|begin|generate|automatic|function)\b")
_DIGIT = {"b": 1, "o": 3, "h": 4}
_UNSIZED = 32  # bits of a number without a size
_PATTERNS = (SyntaxKind.CaseEqualityExpression, SyntaxKind.CaseInequalityExpression)
_WILD = (SyntaxKind.WildcardEqualityExpression, SyntaxKind.WildcardInequalityExpression)
_ITEMS = (SyntaxKind.StandardCaseItem, SyntaxKind.PatternCaseItem)
_LITERALS = (SyntaxKind.IntegerVectorExpression, SyntaxKind.UnbasedUnsizedLiteralExpression)
_GENERATES = (SyntaxKind.IfGenerate, SyntaxKind.LoopGenerate, SyntaxKind.ElseClause)
_DECLARED = (SyntaxKind.DataDeclaration, SyntaxKind.LocalVariableDeclaration)
# What hands a z on to a net; whatever else stands around it reads it as x.
_HANDS_ON = frozenset(
    {
        SyntaxKind.ParenthesizedExpression, SyntaxKind.ConditionalExpression, SyntaxKind.ConcatenationExpression,
        SyntaxKind.MultipleConcatenationExpression,
    }
)  # fmt: skip
_READS = frozenset(
    {
        SyntaxKind.ConditionalPredicate, SyntaxKind.ConditionalPattern, SyntaxKind.CaseStatement,
        SyntaxKind.LoopStatement, SyntaxKind.IfGenerate, SyntaxKind.CaseGenerate,
    }
)  # fmt: skip
Draw = Callable[[], int]  # 0 or 1


@dataclasses.dataclass(frozen=True, slots=True)
class Begun:
    """Two texts that are to begin with opposite values, and the state that a bench has to set in both.

    `beyond` are the paths of state that is too large for that.
    """

    texts: tuple[Plain, Plain]
    state: tuple[Held, ...]
    beyond: tuple[str, ...] = ()


def begun(plain: Plain, top: str, draw: Draw) -> Begun | None:
    """Return what differs between two beginnings of a design, whose bits `draw` gives."""
    if not plain.text.isascii():  # offsets would be those of bytes
        return None
    tree = parse(plain.text)
    found = elaborate(tree, top, share_instances=False)
    if found.error or found.top is None:
        return None
    bits: list[int] = []

    def taken() -> int:
        bits.append(draw())
        return bits[-1]

    fighting = contended(found.top)
    names = _named(tree.root, plain.text) if _SCOPED.search(plain.text) else []
    edits = [*_constants(tree.root, plain.text, taken), *_locals(found.top, taken), *_resolved(fighting, taken)]
    if early_reads(found.top).anything:
        edits += awake(found.top, _unused("early", plain.text), taken)
    if names:
        again = parse(edited(plain, names).text)
        reached = elaborate(again, top, share_instances=False)
        if reached.error or reached.top is None:
            return None
        state, beyond = affordable(reached.top)
    else:
        state, beyond = affordable(found.top)
    if not state and not edits and not beyond:
        return None
    first, second = ([*names, *(edit for one in edits for edit in one(side))] for side in (0, 1))
    return Begun((_with(plain, first), _with(plain, second)), state, beyond)


def _with(plain: Plain, edits: list[Edit]) -> Plain:
    return edited(plain, sorted(edits, key=lambda e: (e.start, e.end))) if edits else plain


def _named(root: Any, text: str) -> list[Edit]:
    """Return edits that name each generated block, and each block of statements that declares something."""
    stem, found = _unused("begun", text), list[Edit]()

    def name() -> str:
        return f" : {stem}{len(found)} "

    def block(node: Any) -> None:
        if node.beginName is None and node.label is None:
            at = node.begin.location.offset + len(node.begin.rawText)
            found.append(Edit(at, at, name()))

    def member(node: Any) -> None:
        if node is None or node.kind in (SyntaxKind.GenerateBlock, SyntaxKind.EmptyMember):
            return
        start, end = span(node)
        found.extend([Edit(start, start, f"begin{name()}"), Edit(end, end, " end ")])

    def generate(node: Any) -> None:
        if node.kind == SyntaxKind.ElseClause:
            if node.parent.kind == SyntaxKind.IfGenerate:
                member(node.clause)
        elif node.kind == SyntaxKind.CaseGenerate:
            for item in node.items:
                member(item.clause)
        else:
            member(node.block)

    def statements(node: Any) -> None:
        if node.blockName is None and node.label is None and any(i.kind in _DECLARED for i in node.items):
            at = node.begin.location.offset + len(node.begin.rawText)
            found.append(Edit(at, at, name()))

    table: dict[Any, Any] = {SyntaxKind.GenerateBlock: block, SyntaxKind.SequentialBlockStatement: statements}
    root.visit(lookup_table=table | dict.fromkeys((*_GENERATES, SyntaxKind.CaseGenerate), generate))
    return sorted(found, key=lambda e: (e.start, e.text != " end "))


def _unused(stem: str, text: str) -> str:
    """Return `stem`, with more behind it where that stands in the text."""
    while stem in text:
        stem += "_"
    return stem


def _constants(root: Any, text: str, draw: Draw) -> Iterator[Sided]:
    """Yield what gives each x in a constant a value."""
    if _OPEN.search(text) is None:
        return
    literals: list[Any] = []
    patterns: set[str] = set()

    def item(node: Any) -> None:
        for expression in node.expressions:
            patterns.update(re.findall(r"[A-Za-z_]\w*", str(expression)))

    items = dict.fromkeys(_ITEMS[:1], item)
    root.visit(lookup_table={**dict.fromkeys(_LITERALS, literals.append), **items})
    for literal in literals:
        digits = str(literal).strip().lower()
        read = _read(literal, patterns)
        if read is not None and ("x" in digits or (read and ("z" in digits or "?" in digits))):
            yield _drawn(literal, "xz?" if read else "x", draw)


def _drawn(literal: Any, unknown: str, draw: Draw) -> Sided:
    """Return what puts drawn bits in the place of those of a literal that are `unknown`."""
    start, end = span(literal)
    if literal.kind == SyntaxKind.UnbasedUnsizedLiteralExpression:
        bit = draw()
        return lambda side: iter([Edit(start, end, f"'{bit ^ side}")])
    size = int(literal.size.valueText.replace("_", "") or 0) if literal.size.rawText else 0
    base, digits = literal.base.rawText.lower().strip("'"), literal.value.rawText.lower().replace("_", "")
    wide = _DIGIT.get(base[-1], 1)
    bits = "".join(d * wide if d in "xz?" else f"{int(d, 16):0{wide}b}" for d in digits)
    width = size or max(_UNSIZED, len(bits))
    bits = bits.rjust(width, bits[0] if bits[0] in "xz?" else "0")[-width:]
    drawn = [draw() if bit in unknown else None for bit in bits]
    sign = "s" if base.startswith("s") else ""

    def edits(side: int) -> Iterator[Edit]:
        text = "".join(bit if d is None else str(d ^ side) for bit, d in zip(bits, drawn, strict=True))
        yield Edit(start, end, f"{size or ''}'{sign}b{text}")

    return edits


def _read(literal: Any, patterns: set[str]) -> bool | None:
    """Return whether the value of a literal is read at once, so that z is x there; None where it is a pattern."""
    at, read, handed = literal, False, True
    start = literal.sourceRange.start.offset
    while at.parent is not None and at.parent.kind not in (SyntaxKind.ModuleDeclaration, SyntaxKind.CompilationUnit):
        child, at = at, at.parent
        if _pattern(at, child, start, patterns):
            return None
        if handed and at.kind not in _HANDS_ON:
            handed = False
            read = at.kind in _READS or ("Expression" in at.kind.name and "Assignment" not in at.kind.name)
    return read


def _pattern(node: Any, child: Any, start: int, patterns: set[str]) -> bool:
    """Return True if what begins at `start`, inside of `child`, is a pattern in `node` above it."""
    kind = node.kind
    if kind in _PATTERNS:
        return not (_bare(node.left).kind in _LITERALS and _bare(node.right).kind in _LITERALS and child is node.left)
    if kind in _WILD:
        return bool(start >= node.operatorToken.location.offset)
    if kind == SyntaxKind.InsideExpression:
        return bool(start >= node.inside.location.offset)
    if kind in _ITEMS:
        return bool(start < node.colon.location.offset)
    return kind == SyntaxKind.Declarator and node.name.valueText in patterns


def _bare(node: Any) -> Any:
    while node.kind == SyntaxKind.ParenthesizedExpression:
        node = node.expression
    return node


def _locals(top: Any, draw: Draw) -> Iterator[Sided]:
    """Yield what sets results of functions, and other variables that no call keeps for the next one, at the start."""
    seen: set[int] = set()
    routines: list[Any] = []
    top.visit(lookup_table={SymbolKind.Subroutine: routines.append})
    for routine in routines:
        node = routine.syntax
        if node is None:
            continue
        start = span(node)[0]
        if start in seen or (at := _beginning(node)) is None:
            continue
        seen.add(start)
        for symbol in routine:
            fresh = symbol.kind == SymbolKind.Variable and symbol.lifetime == VariableLifetime.Automatic
            plain = symbol.type.isIntegral and not symbol.type.isEnum
            if fresh and plain and symbol.type.isFourState and symbol.initializer is None:
                yield _set_at(at, symbol.name, [draw() for _ in range(symbol.type.bitWidth)])


def _beginning(node: Any) -> int | None:
    """Return where the first statement of a routine stands, None where there is none."""
    for item in node.items:
        if "Statement" in item.kind.name and item.kind != SyntaxKind.EmptyStatement:
            return span(item)[0]
    return None


def _set_at(at: int, name: str, bits: list[int]) -> Sided:
    def edits(side: int) -> Iterator[Edit]:
        yield Edit(at, at, f"{name} = {len(bits)}'b{''.join(str(b ^ side) for b in bits)}; ")

    return edits


def _resolved(nets: list[Any], draw: Draw) -> Iterator[Sided]:
    """Yield what lets one side win, once each, on nets whose drivers may contradict each other."""
    for start, length in sorted({(token.location.offset, len(token.rawText)) for token in nets}):
        yield _resolving(start, start + length, draw())


def _resolving(start: int, end: int, bit: int) -> Sided:
    return lambda side: iter([Edit(start, end, ("wand", "wor")[bit ^ side])])
