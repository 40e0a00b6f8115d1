"""Where a name, a member, an element or a part lies: some bits of a vector, or of a word of a memory.

place(scope, expression)  ->  Place(kept, ...)         text(place)  ->  "s[15:8]", "m[i][3:0]", "q[(32'sd4 * i) +: 4]"

An index that no element has makes the position x: nothing is written there, and x is read, as the standard has it. A
part that may lie partly beyond its element is written as its elements one by one: "{m[...], m[...]}".
"""

import dataclasses
from typing import Any

from pyslang.ast import BinaryOperator, ExpressionKind, RangeSelectionKind, SymbolKind

from itertl.verilog.rewrite.plain.casts import cast
from itertl.verilog.rewrite.plain.constants import bits, whole
from itertl.verilog.rewrite.plain.scope import Kept, Scope, UnsupportedError, key_of
from itertl.verilog.rewrite.plain.types import declared, length, member_offset, position, signed, width

NAMES = (ExpressionKind.NamedValue, ExpressionKind.HierarchicalValue)
_SELECTS = (ExpressionKind.ElementSelect, ExpressionKind.RangeSelect)
_UNKNOWN = "32'sbx"
_MOST_PIECES = 128  # elements of a part that may lie partly beyond


@dataclasses.dataclass(frozen=True, slots=True)
class Spot:
    """A position: `low` + the sum of `terms`; `bare` is an index as it stands, where the position is no more."""

    low: int = 0
    terms: tuple[str, ...] = ()
    bare: str = ""

    def plus(self, low: int, term: str = "", bare: str = "") -> "Spot":
        """Return the position further on."""
        terms = (*self.terms, term) if term else self.terms
        return Spot(self.low + low, terms, bare if not self.terms and not self.low + low else "")

    def __str__(self) -> str:
        if not self.terms:
            return str(self.low)
        return self.bare or f"({' + '.join([*self.terms, *([whole(self.low)] if self.low else [])])})"


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """`width` bits from `at` on; where `kept` is a memory, of the word `word`; or `pieces`, the highest first."""

    kept: Kept
    width: int
    at: Spot = Spot()
    word: Spot | None = None
    pieces: "tuple[Place, ...]" = ()

    @property
    def fixed(self) -> bool:
        """True if it is known where the bits lie."""
        return not self.at.terms and self.word is None

    @property
    def whole(self) -> bool:
        """True if these are all bits of a vector."""
        return self.fixed and self.width == self.kept.width

    @property
    def outermost(self) -> bool:
        """True if nothing has been selected yet: what is beside the bits is beside the whole."""
        return self.width == self.kept.width * max(self.kept.words, 1)

    def moved(self, size: int, words: bool, low: int, term: str = "", bare: str = "") -> "Place":
        """Return `size` bits further on by `low` and `term`, both counted in words or in bits."""
        if self.pieces:
            raise UnsupportedError("a part of a part that may reach beyond the elements")
        if words and self.word is not None:
            return dataclasses.replace(self, width=size, word=self.word.plus(low, term, bare))
        return dataclasses.replace(self, width=size, at=self.at.plus(low, term, bare))


def place(scope: Scope, expression: Any) -> Place | None:
    """Return where an expression lies, or None where it is no place but a value."""
    kind = expression.kind
    if scope.stand_in is not None and expression is scope.stand_in[0]:
        return Place(scope.stand_in[1], scope.stand_in[1].width)
    if kind in NAMES:
        shown = getattr(expression.symbol, "explicitConnection", None)  # of a modport
        if shown is not None:
            return place(scope, shown)
        kept = scope.kept.get(key_of(expression.symbol))
        if kept is None:
            return None
        return Place(kept, kept.width * max(kept.words, 1), word=Spot() if kept.words else None)
    if kind != ExpressionKind.MemberAccess and kind not in _SELECTS:
        return None
    inner = _inside(scope, expression.value)
    if inner is None:
        return None
    if kind == ExpressionKind.MemberAccess:
        if expression.member.kind != SymbolKind.Field:
            return None
        return inner.moved(width(expression.type), False, member_offset(expression.value.type, expression.member))
    return _element(scope, expression, inner) if kind == _SELECTS[0] else _range(scope, expression, inner)


def text(found: Place) -> str:
    """Return a place as source."""
    if found.pieces:
        return f"{{{', '.join(map(text, found.pieces))}}}"
    name = found.kept.name
    if found.word is not None:
        if found.width > found.kept.width:
            raise UnsupportedError("a memory as a whole")
        name = f"{name}[{found.word}]"
    if found.width == found.kept.width and not found.at.terms:
        return name
    if found.at.terms:
        return f"{name}[{found.at}]" if found.width == 1 else f"{name}[{found.at} +: {found.width}]"
    low = found.at.low
    return f"{name}[{low + found.width - 1}:{low}]" if found.width > 1 else f"{name}[{low}]"


def _inside(scope: Scope, value: Any) -> Place | None:
    """Return the place of what is selected from; a constant table gets a name for it."""
    found = place(scope, value)
    if found is None and value.kind in NAMES and value.symbol.kind == SymbolKind.Parameter:
        return Place(_table(scope, value.symbol), width(value.type))
    return found


def _table(scope: Scope, symbol: Any) -> Kept:
    size = width(symbol.type)
    digits = bits(symbol.value.value, symbol.type)
    name = scope.helpers.get(f"table {digits}")
    if name is None:
        name = scope.helpers[f"table {digits}"] = scope.fresh(f"{symbol.name}_bits")
        scope.lines.append(f"localparam {declared(size, with_range=True)}{name} = {size}'b{digits};")
    return Kept(name, size, ranged=True)


def _element(scope: Scope, expression: Any, inner: Place) -> Place:
    return _part(scope, expression, inner, expression.selector, 0, 1)


def _range(scope: Scope, expression: Any, inner: Place) -> Place:
    kind = expression.value.type
    if expression.selectionKind == RangeSelectionKind.Simple:
        first, last = (_number(scope, e) for e in (expression.left, expression.right))
        low = min(position(kind, first), position(kind, last))
        return _fixed(expression, inner, low, abs(first - last) + 1)
    count = _number(scope, expression.right)
    up = expression.selectionKind == RangeSelectionKind.IndexedUp
    return _part(scope, expression, inner, expression.left, 0 if up else 1 - count, count)


def _part(scope: Scope, expression: Any, inner: Place, selector: Any, first: int, count: int) -> Place:
    """Return the `count` elements from the index `selector` + `first` on upwards."""
    kind = expression.value.type
    left, right = kind.fixedRange.left, kind.fixedRange.right
    index = scope.known(selector)
    if hasattr(index, "hasUnknown") and not index.hasUnknown:
        low = min(position(kind, int(index) + first), position(kind, int(index) + first + count - 1))
        return _fixed(expression, inner, low, count)
    size, words = width(expression.type), _in_words(inner, kind)
    unit = size // count // (inner.kept.width if words else 1)
    number, bare = _index(scope, selector)
    falls = left >= right
    term = number if unit == 1 and falls else f"{whole(unit if falls else -unit)} * {number}"

    def moved(first: int, some: int) -> tuple[Place, str]:
        """Return the place of `some` elements, and on which condition there are such elements."""
        low = (first - right if falls else right - first - some + 1) * unit
        guard = _guard(selector, number, min(left, right) - first, max(left, right) - first - some + 1)
        if guard and not inner.outermost:
            return inner.moved(size // count * some, words, low, f"({guard} ? {term} : {_UNKNOWN})"), guard
        return inner.moved(size // count * some, words, low, term, bare if unit == 1 and falls else ""), ""

    found, guard = moved(first, count)
    if not guard or words or count == 1 or (first == right and _aligned(scope, selector, count, length(kind))):
        return found
    if count > _MOST_PIECES:
        raise UnsupportedError(f"a part of {count} elements that may reach beyond them")
    numbers = range(first, first + count)
    return dataclasses.replace(found, pieces=tuple(moved(n, 1)[0] for n in (reversed(numbers) if falls else numbers)))


def _aligned(scope: Scope, selector: Any, count: int, elements: int) -> bool:
    """Return True if an index is a multiple of `count`, as are the `elements`: a part is inside of them, or outside.

    Powers of two alone: what is cut off at some width stays a multiple of them.
    """
    while selector.kind == ExpressionKind.Conversion:
        selector = selector.operand
    if elements % count or count & (count - 1):
        return False
    if selector.kind == ExpressionKind.Concatenation:
        last = selector.operands[-1]
        return _multiple(scope, last, 1 << width(last.type)) and (1 << width(last.type)) % count == 0
    if selector.kind != ExpressionKind.BinaryOp:
        return False
    if selector.op == BinaryOperator.Multiply:
        return _multiple(scope, selector.left, count) or _multiple(scope, selector.right, count)
    shifts = (BinaryOperator.LogicalShiftLeft, BinaryOperator.ArithmeticShiftLeft)
    amount: Any = scope.known(selector.right) if selector.op in shifts else None
    return hasattr(amount, "hasUnknown") and not amount.hasUnknown and (1 << min(int(amount), 64)) % count == 0


def _multiple(scope: Scope, expression: Any, count: int) -> bool:
    found: Any = scope.known(expression)
    return hasattr(found, "hasUnknown") and not found.hasUnknown and int(found) % count == 0


def _fixed(expression: Any, inner: Place, low: int, count: int) -> Place:
    kind, size = expression.value.type, width(expression.type)
    if low + count <= 0 or low >= length(kind):
        return inner.moved(size, _in_words(inner, kind), 0, _UNKNOWN)
    if low < 0 or low + count > length(kind):
        raise UnsupportedError("a part that reaches beyond the elements")
    words = _in_words(inner, kind)
    unit = size // count // (inner.kept.width if words else 1)
    return inner.moved(size, words, low * unit)


def _in_words(inner: Place, kind: Any) -> bool:
    return bool(inner.word is not None and kind.isUnpackedArray and inner.width > inner.kept.width)


def _number(scope: Scope, expression: Any) -> int:
    found = scope.known(expression)
    if not hasattr(found, "hasUnknown") or found.hasUnknown:
        raise UnsupportedError("a range that is not constant")
    return int(found)


def _index(scope: Scope, selector: Any) -> tuple[str, str]:
    """Return an index as an integer of 32 bits, and as it stands."""
    bare, form = scope.value(selector), (width(selector.type), signed(selector.type))
    found = place(scope, selector) if selector.kind in NAMES else None  # once is enough for what is nested
    return cast(bare, found is not None and found.whole, form, (32, True)), bare


def _guard(selector: Any, number: str, low: int, high: int) -> str:
    """Return the condition that an index is one of `low` to `high`, "" where it cannot be another."""
    size = width(selector.type)
    least, most = (-(1 << size - 1), (1 << size - 1) - 1) if signed(selector.type) else (0, (1 << size) - 1)
    parts = [f"{number} >= {whole(low)}"] if least < low else []
    parts += [f"{number} <= {whole(high)}"] if most > high else []
    return " && ".join(parts)
