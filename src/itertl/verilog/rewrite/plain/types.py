"""Types as bits: how wide, signed or not, and where elements and members lie; the leftmost is in the highest bits.

width(type)  ->  12        declared(8, True)  ->  "signed [7:0]"        position(range, index)  ->  from the right
"""

from typing import Any

from pyslang.ast import SymbolKind

from itertl.verilog.rewrite.plain.scope import UnsupportedError

MAX_BITS = 1 << 16  # of a vector; larger arrays have to stay memories
_SCALARS = (SymbolKind.PredefinedIntegerType, SymbolKind.ScalarType, SymbolKind.EnumType)


def width(kind: Any) -> int:
    """Return the bits of a type; raise UnsupportedError where it has no fixed number of them."""
    if kind.isIntegral:
        return int(kind.bitWidth)
    if kind.isUnpackedArray and kind.hasFixedRange:
        return width(kind.arrayElementType) * length(kind)
    if kind.isUnpackedStruct:
        return sum(width(field.type) for field in fields(kind))
    if kind.isUnpackedUnion and len(sizes := {width(field.type) for field in fields(kind)}) == 1:
        return sizes.pop()
    raise UnsupportedError(f"a value of type {kind}")


def signed(kind: Any) -> bool:
    """True if a value of this type is a signed number."""
    return bool(kind.isIntegral and kind.isSigned)


def length(kind: Any) -> int:
    """Return how many elements a type with a range has."""
    return int(abs(kind.fixedRange.left - kind.fixedRange.right)) + 1


def fields(kind: Any) -> list[Any]:
    """Return the members of a structure or a union in their order."""
    return [member for member in kind.canonicalType if member.kind == SymbolKind.Field]


def member_offset(kind: Any, member: Any) -> int:
    """Return how many bits of a structure lie right of `member`."""
    if kind.isPackedUnion or kind.isUnpackedUnion:
        return 0
    found = fields(kind)
    names = [field.name for field in found]
    return sum(width(field.type) for field in found[names.index(member.name) + 1 :])


def position(kind: Any, index: int) -> int:
    """Return the position of an element, counted from the right."""
    left, right = kind.fixedRange.left, kind.fixedRange.right
    return int(index - right if left >= right else right - index)


def ranged(kind: Any) -> bool:
    """True if a value of this type has elements, be it a single one, that an index selects."""
    return not kind.isScalar


def declared(bits: int, is_signed: bool = False, with_range: bool = False) -> str:
    """Return the range with which a vector is declared, with a blank behind it; for one bit, only where asked."""
    return f"{'signed ' * is_signed}{f'[{bits - 1}:0] ' if bits > 1 or with_range else ''}"


def two_state(kind: Any) -> bool:
    """True if no bit of this type can be unknown."""
    return not kind.isFourState
