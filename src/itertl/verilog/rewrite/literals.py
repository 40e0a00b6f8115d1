"""Numbers as Verilog writes them, and the numbers next to them.

neighbours("4'b0110")  ->  ["4'b0111", "4'b0101", "4'b1110", "4'b0000"]
"""

import re

_SIZED = re.compile(r"(\d*)\s*'([sS]?)([bBdDhHoO])\s*([0-9a-fA-FxXzZ?_]+)\Z")
_BASES = {"b": (2, "b"), "o": (8, "o"), "d": (10, "d"), "h": (16, "x")}
_UNSIZED = 32  # bits
_UNBASED = {"'0": "'1", "'1": "'0", "'x": "'0", "'z": "'0"}


def neighbours(text: str) -> list[str]:
    """Return the literals next to `text`: one more, one less, the highest bit turned, zero; none twice.

    Digits x, z and ? stay; there, one known binary digit is turned, or the first unknown one becomes 0.
    """
    if text.isdigit():
        value = int(text)
        return [str(v) for v in dict.fromkeys((value + 1, value - 1, 0)) if v != value and v >= 0]
    if text in _UNBASED:
        return [_UNBASED[text]]
    match = _SIZED.match(text)
    if match is None:
        return []
    size, signed, letter, digits = match.groups()
    base, form = _BASES[letter.lower()]
    plain = digits.replace("_", "")
    head = f"{size}'{signed}{letter}"
    if not re.fullmatch(r"[0-9a-fA-F]+", plain):
        return [head + plain[:at] + digit + plain[at + 1 :] for at, digit in _turned(plain)]
    width = int(size) if size else _UNSIZED
    value, every = int(plain, base), (1 << width) - 1
    values = dict.fromkeys((value + 1 & every, value - 1 & every, (value ^ 1 << width - 1) & every, 0))
    count = 0 if base == 10 else len(plain)
    return [f"{head}{v:0{count}{form}}" if count else f"{head}{v}" for v in values if v != value]


def _turned(digits: str) -> list[tuple[int, str]]:
    """Return (position, digit) of changes to a number with unknown digits: the first known one, the first unknown."""
    known = [(i, "1" if d == "0" else "0") for i, d in enumerate(digits) if d in "01"]
    unknown = [(i, "0") for i, d in enumerate(digits) if d not in "01"]
    return known[:1] + known[1:][-1:] + unknown[:1]
