"""Constants as sized literals.

literal(SVInt, 8, True)  ->  "8'sd5"          bits(value, type)  ->  "0101x"
"""

from typing import Any

import pyslang

from itertl.verilog.rewrite.plain.scope import UnsupportedError
from itertl.verilog.rewrite.plain.types import fields, width

_DECIMAL = 1 << 31  # numbers below are written in decimal


def literal(value: Any, is_signed: bool) -> str:
    """Return an integer of the front-end as a literal of its width."""
    size, mark = int(value.bitWidth), "s" * is_signed
    if value.hasUnknown:
        return f"{size}'{mark}b{_digits(value)}"
    number = int(value) & ((1 << size) - 1)
    return f"{size}'{mark}d{number}" if number < _DECIMAL else f"{size}'{mark}h{number:x}"


def filled(node: Any, size: int, is_signed: bool) -> str:
    """Return '0, '1, 'x or 'z at a width."""
    digit = str(node.literalValue).lower()  # not the syntax: that of one in parentheses has them
    return f"{size}'{'s' * is_signed}{'d0' if digit == '0' else 'b' + digit * size}"


def whole(number: int) -> str:
    """Return a number as an integer of 32 bits."""
    return f"32'sd{number}" if number >= 0 else f"(-32'sd{-number})"


def bits(value: Any, kind: Any) -> str:
    """Return a constant of any type as its bits, the leftmost element first."""
    if isinstance(value, list):
        if kind.isUnpackedStruct:
            return "".join(bits(v, f.type) for v, f in zip(_plain(value), fields(kind), strict=True))
        return "".join(bits(v, kind.arrayElementType) for v in _plain(value))
    value = getattr(value, "value", value)
    if not hasattr(value, "bitWidth"):
        raise UnsupportedError(f"a constant of type {kind}")
    size, digits = width(kind), _digits(value)
    return digits.rjust(size, "0")[-size:] if value.bitWidth == size else _fitted(value, size)


def _plain(values: list[Any]) -> list[Any]:
    return [getattr(v, "value", v) for v in values]


def _fitted(value: Any, size: int) -> str:
    fitted = value.resize(size) if hasattr(value, "resize") else value
    return _digits(fitted).rjust(size, "0")[-size:]


def _digits(value: Any) -> str:
    """Return the binary digits of an integer of the front-end, as many as it has bits."""
    size = int(value.bitWidth)
    if not value.hasUnknown:
        return f"{int(value) & ((1 << size) - 1):0{size}b}"
    text = str(value.toString(pyslang.LiteralBase.Binary, False)).lower().lstrip("-")
    return text.rjust(size, "0" if text[0] in "01" else text[0])
