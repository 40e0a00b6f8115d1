"""From two traces to an agreement: the share of the reference's defined output bits that the candidate reproduces.

    expected = Expected.of(trace, outputs) ; compare(expected, candidate_trace)  ->  Comparison

A trace is a string of bits (0, 1, x, z): sample after sample, in each the outputs in the order of the ports.
Bits where the reference is x or z do not count.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Self

from itertl.verilog.interface import Port

_VALUE = str.maketrans("xz", "00")
_RELEASED = str.maketrans("01xz", "0001")
_UNDEFINED = str.maketrans("01xz", "0011")


@dataclasses.dataclass(frozen=True, slots=True)
class Expected:
    """The reference's trace, as bits and as integers whose highest bit is the first of the trace.

    `value` has zeros where the reference is undefined, `compared` has ones where it is defined. `masks` has, for each
    output that is ever defined, ones at its compared bits. `floating` has ones where a bit is z that is 0 or 1 at other
    moments: the reference drives it then, and lets go of it here; these bits are compared, too.
    """

    trace: str
    outputs: tuple[Port, ...]
    value: int
    compared: int
    masks: Mapping[str, int]
    floating: int = 0

    @classmethod
    def of(cls, trace: str, outputs: Sequence[Port]) -> Self:
        """Prepare the reference's trace for comparisons."""
        value, undefined = _bits(trace)
        width = sum(p.width for p in outputs)
        floating = _floating(trace, width)
        compared = ((1 << len(trace)) - 1) ^ undefined | floating
        each_sample = ((1 << len(trace)) - 1) // ((1 << width) - 1)  # a one in the lowest bit of each sample
        masks, low = {}, width
        for port in outputs:
            low -= port.width
            if mask := (((1 << port.width) - 1) << low) * each_sample & compared:
                masks[port.name] = mask
        return cls(trace, tuple(outputs), value, compared, masks, floating)

    @property
    def width(self) -> int:
        """Bits of one sample."""
        return sum(p.width for p in self.outputs)


@dataclasses.dataclass(frozen=True, slots=True)
class Comparison:
    """`agreement` in [0, 1], in all and by output, and where the first difference is.

    `sample` is -1 where every compared bit agrees; `expected` and `found` are the bits of the output `signal` there.
    """

    agreement: float
    outputs: Mapping[str, float]
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


def compare(expected: Expected, candidate: str) -> Comparison:
    """Compare a candidate's trace with the reference's, of equal length and with at least one defined bit."""
    if candidate == expected.trace:
        return Comparison(1.0, dict.fromkeys(expected.masks, 1.0))
    wrong = wrong_bits(expected, candidate)
    if expected.floating:
        wrong |= expected.floating & ~int(candidate.translate(_RELEASED), 2)
    if not wrong:
        return Comparison(1.0, dict.fromkeys(expected.masks, 1.0))
    outputs = {name: _share(wrong & mask, mask) for name, mask in expected.masks.items()}
    first = (len(candidate) - wrong.bit_length()) // expected.width
    return Comparison(_share(wrong, expected.compared), outputs, first, *_first_signal(expected, candidate, first))


def wrong_bits(expected: Expected, candidate: str) -> int:
    """Return ones where the reference is 0 or 1 and a trace of equal length is not the same."""
    got, undefined = _bits(candidate)
    return (expected.value ^ got | undefined) & expected.compared & ~expected.floating


def _floating(trace: str, width: int) -> int:
    """Return ones where a bit is z whose column is 0 or 1 at other moments."""
    if "z" not in trace:
        return 0
    marks = ["0"] * len(trace)
    for column in range(width):
        bits = trace[column::width]
        if "z" in bits and ("0" in bits or "1" in bits):
            marks[column::width] = ["1" if bit == "z" else "0" for bit in bits]
    return int("".join(marks), 2)


def _share(wrong: int, compared: int) -> float:
    return 1.0 - wrong.bit_count() / compared.bit_count()


def _bits(trace: str) -> tuple[int, int]:
    """Return the trace as one integer, undefined bits as 0, and another with ones where it is undefined."""
    return int(trace.translate(_VALUE), 2), int(trace.translate(_UNDEFINED), 2)


def _first_signal(expected: Expected, candidate: str, sample: int) -> tuple[str, str, str]:
    at = sample * expected.width
    for port in expected.outputs:
        want, found = expected.trace[at : at + port.width], candidate[at : at + port.width]
        places = range(len(candidate) - 1 - at, len(candidate) - 1 - at - port.width, -1)
        if any(a != b and expected.compared >> n & 1 for a, b, n in zip(want, found, places, strict=True)):
            return port.name, want, found
        at += port.width
    return "", "", ""
