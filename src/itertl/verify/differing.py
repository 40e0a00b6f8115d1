"""Two values of an output in words for people, so that their difference is seen however wide they are.

    differ("q", "0110", "0111")  ->  "q expected 0110, got 0111"
    differ("q", 48 bits, 48 bits)  ->  "q expected 48'h0000d241b0ed, got 48'h0000d241b0e5 (bit 3 is 0, expected 1)"

Values are bits, 0, 1, x and z, the highest first.
"""

BITWISE = 40  # bits that are told one by one; of wider values as many hexadecimal digits


def differ(signal: str, expected: str, got: str) -> str:
    """Return what was expected of an output and what was got."""
    want, found = values(expected, got)
    said = f"{signal} expected {want}, got {found}"
    if len(expected) <= BITWISE:
        return said
    bits = differing_bits(expected, got)
    highest = f"bit {bits[0]} is {got[~bits[0]]}, expected {expected[~bits[0]]}"
    return f"{said} ({highest})" if len(bits) == 1 else f"{said} ({len(bits)} bits differ; {highest})"


def values(expected: str, got: str) -> tuple[str, str]:
    """Return both values: bits, or a hexadecimal number of Verilog's; of very wide ones the part where they differ."""
    if len(expected) <= BITWISE:
        return expected, got
    digit = (len(expected) + 3) // 4 - 1 - differing_bits(expected, got)[0] // 4
    size = f"{len(expected)}'h"
    return size + part(hexadecimal(expected), digit, BITWISE), size + part(hexadecimal(got), digit, BITWISE)


def differing_bits(expected: str, got: str) -> list[int]:
    """Return the numbers of the bits that are 0 or 1 in `expected` and something else in `got`, the highest first.

    Where there are none, those that differ at all: a value that has to be released is z.
    """
    top = len(expected) - 1
    pairs = [(top - n, a) for n, (a, b) in enumerate(zip(expected, got, strict=True)) if a != b]
    return [n for n, a in pairs if a in "01"] or [n for n, _ in pairs]


def hexadecimal(bits: str) -> str:
    """Return bits (highest first; 0, 1, x, z) in hexadecimal; a single bit stays as it is."""
    if len(bits) <= 1:
        return bits
    padded = bits.rjust(-(-len(bits) // 4) * 4, "0" if bits[0] in "01" else bits[0])
    return "".join(_digit(padded[i : i + 4]) for i in range(0, len(padded), 4))


def part(digits: str, focus: int, most: int) -> str:
    """Return at most `most` characters, the digits around position `focus` of a longer value with dots beside them."""
    if len(digits) <= most:
        return digits
    room = most - 4
    start = max(0, min(focus - room // 2, len(digits) - room))
    return (".." if start else "") + digits[start : start + room] + (".." if start + room < len(digits) else "")


def _digit(nibble: str) -> str:
    unknown = [b for b in nibble if b in "xz"]
    if not unknown:
        return f"{int(nibble, 2):x}"
    letter = "z" if "x" not in unknown else "x"
    return letter if set(nibble) == {letter} else letter.upper()
