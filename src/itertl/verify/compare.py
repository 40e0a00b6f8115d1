"""From two traces to an agreement: the share of the reference's defined output bits that the candidate reproduces.

A trace is one string of bits (0, 1, x, z) a sample, the outputs in the order of the ports. Bits where the reference
is x or z do not count.
"""

import dataclasses
from collections.abc import Sequence

from itertl.verify.interface import Port

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


def defined_bits(trace: Sequence[str]) -> int:
    """Return how many bits of the reference's trace are 0 or 1: those that are compared."""
    return sum(sample.count("0") + sample.count("1") for sample in trace)


def compare(reference: Sequence[str], candidate: Sequence[str], outputs: Sequence[Port], total: int) -> Comparison:
    """Compare two traces of equal length; `total` is `defined_bits(reference)`, above 0."""
    if reference == candidate:
        return Comparison(1.0)
    wrong, first = 0, -1
    for sample, (want, got) in enumerate(zip(reference, candidate, strict=True)):
        if want == got:
            continue
        differ = sum(w != g and w in "01" for w, g in zip(want, got, strict=True))
        if differ and first < 0:
            first = sample
        wrong += differ
    if first < 0:
        return Comparison(1.0)
    signal, want, got = _first_signal(reference[first], candidate[first], outputs)
    return Comparison(1.0 - wrong / total, first, signal, want, got)


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
