"""From two traces to an agreement: the share of the reference's defined output bits that the candidate reproduces.

A trace is a string of bits (0, 1, x, z): sample after sample, in each the outputs in the order of the ports.
Bits where the reference is x or z do not count.
"""

import dataclasses
from collections.abc import Sequence

from itertl.verify.interface import Port

_VALUE = str.maketrans("xz", "00")
_UNDEFINED = str.maketrans("01xz", "0011")
_SHOWN = 40  # bits of a value that a message shows


@dataclasses.dataclass(frozen=True, slots=True)
class Comparison:
    """`agreement` in [0, 1], and where the first difference is: sample, output, expected and found bits."""

    agreement: float
    sample: int = -1
    signal: str = ""
    expected: str = ""
    found: str = ""

    @property
    def equal(self) -> bool:
        """True if every compared bit agrees."""
        return self.sample < 0


def defined_bits(trace: str) -> int:
    """Return how many bits of the reference's trace are 0 or 1: those that are compared."""
    return trace.count("0") + trace.count("1")


def compare(reference: str, candidate: str, outputs: Sequence[Port], total: int) -> Comparison:
    """Compare two traces of equal length; `total` is `defined_bits(reference)`, above 0."""
    if reference == candidate:
        return Comparison(1.0)
    want, want_undefined = _bits(reference)
    got, got_undefined = _bits(candidate)
    wrong = (want ^ got | got_undefined) & ~want_undefined
    if not wrong:
        return Comparison(1.0)
    width = sum(p.width for p in outputs)
    first = (len(reference) - wrong.bit_length()) // width
    span = slice(first * width, (first + 1) * width)
    signal, expected, found = _first_signal(reference[span], candidate[span], outputs)
    return Comparison(1.0 - wrong.bit_count() / total, first, signal, expected, found)


def _bits(trace: str) -> tuple[int, int]:
    """Return the trace as one integer, undefined bits as 0, and another with ones where it is undefined."""
    return int(trace.translate(_VALUE), 2), int(trace.translate(_UNDEFINED), 2)


def _first_signal(want: str, got: str, outputs: Sequence[Port]) -> tuple[str, str, str]:
    at = 0
    for port in outputs:
        w, g = want[at : at + port.width], got[at : at + port.width]
        if any(a != b and a in "01" for a, b in zip(w, g, strict=True)):
            return port.name, _shorten(w), _shorten(g)
        at += port.width
    return "", "", ""


def _shorten(bits: str) -> str:
    return bits if len(bits) <= _SHOWN else f"{bits[: _SHOWN - 3]}..."
