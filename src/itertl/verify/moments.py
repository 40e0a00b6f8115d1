"""The moments around the first mismatch of two traces, as values that terminals and pages draw.

    wave(len(samples), first, lambda number: samples[number], Ports(clock, inputs, outputs))  ->  Wave

One column is a moment at which outputs are compared; moments between which nothing changes share one.
"""

import dataclasses
from collections.abc import Callable, Sequence

from itertl.records import Wave, WaveRow
from itertl.verify.differing import hexadecimal, part
from itertl.verify.judged import Reference
from itertl.verilog.interface import Port

BEFORE, AFTER = 10, 4  # columns on either side of the mismatch
MOST_LOOKED_AT = 4000  # moments on either side, in search of columns
MOST_INPUTS = 24  # rows
MOST_DIGITS = 16  # of a value; of wider ones, those around the first difference are shown


@dataclasses.dataclass(frozen=True, slots=True)
class Sample:
    """One moment of comparison: `clock` is 0, 1, or "" without a clock; the rest are values by port, in their order.

    `cycle` is the clock cycle, or the number of the vector where there is no clock.
    """

    moment: str
    cycle: int
    clock: str
    inputs: tuple[str, ...]
    expected: tuple[str, ...]
    got: tuple[str, ...]

    @property
    def values(self) -> tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """All that is drawn of it."""
        return self.clock, self.inputs, self.expected, self.got


@dataclasses.dataclass(frozen=True, slots=True)
class Ports:
    """What the values of samples belong to: `inputs` leaves the clock out, whose name is "" where there is none."""

    clock: str
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]


def ports_of(reference: Reference) -> Ports:
    """Return the ports that a reference's samples have."""
    found, clock = reference.interface, reference.plan.clock
    return Ports(clock, tuple(p for p in found.inputs if p.name != clock), tuple(found.outputs))


def sampler(reference: Reference, trace: str) -> Callable[[int], Sample]:
    """Return what gives the sample of a number: the reference's beside that of a candidate's `trace`."""
    plan, ports, width = reference.plan, ports_of(reference), reference.expected.width

    def sample(number: int) -> Sample:
        span = slice(number * width, (number + 1) * width)
        driven = _split(f"{plan.vector(number):0{plan.width}b}", ports.inputs)
        shown = (_split(bits[span], ports.outputs) for bits in (reference.expected.trace, trace))
        return Sample(plan.describe(number), plan.cycle(number), plan.level(number), driven, *shown)

    return sample


def wave_of(reference: Reference, trace: str, first: int) -> Wave:
    """Return the moments around sample `first`, where `trace` differs from the reference."""
    return wave(reference.plan.samples, first, sampler(reference, trace), ports_of(reference))


def wave(samples: int, first: int, sample: Callable[[int], Sample], ports: Ports) -> Wave:
    """Return the moments around the mismatch at sample `first` of so many."""
    columns = [sample(first)]
    begun = False  # the run of equal moments that `first` belongs to
    for number in range(first - 1, max(-1, first - MOST_LOOKED_AT), -1):
        found = sample(number)
        if found.values == columns[0].values and begun:
            columns[0] = found
        elif len(columns) > BEFORE:
            break
        else:
            columns, begun = [found, *columns], True
    at = len(columns) - 1
    for number in range(first + 1, min(samples, first + MOST_LOOKED_AT)):
        if len(columns) - at > AFTER:
            break
        if (found := sample(number)).values != columns[-1].values:
            columns.append(found)
    rows = _rows(ports, columns)
    return Wave(tuple(c.cycle for c in columns), at, tuple(rows), max(0, len(ports.inputs) - MOST_INPUTS))


def differing(sample: Sample) -> list[int]:
    """Return the positions of the outputs with a bit that is 0 or 1 in the reference and something else here."""
    pairs = enumerate(zip(sample.expected, sample.got, strict=True))
    return [i for i, (want, got) in pairs if any(a != b and a in "01" for a, b in zip(want, got, strict=True))]


def _rows(ports: Ports, columns: Sequence[Sample]) -> list[WaveRow]:
    rows = []
    if ports.clock:
        rows.append(_row(ports.clock, "clock", [s.clock for s in columns]))
    for i, port in enumerate(ports.inputs[:MOST_INPUTS]):
        rows.append(_row(port.name, "input", [part(hexadecimal(s.inputs[i]), 0, MOST_DIGITS) for s in columns]))
    for i, port in enumerate(ports.outputs):
        rows += _output(port, i, columns)
    return rows


def _output(port: Port, i: int, columns: Sequence[Sample]) -> list[WaveRow]:
    """Return one row for an output that agrees, else what is expected and what was got."""
    wrong = [n for n, sample in enumerate(columns) if i in differing(sample)]
    pairs = [(hexadecimal(s.expected[i]), hexadecimal(s.got[i])) for s in columns]
    spots = {n: _spots(columns[n].expected[i], columns[n].got[i]) for n in wrong}
    focus = spots[wrong[0]].index("^") if wrong else 0
    expected = [part(want, focus, MOST_DIGITS) for want, _ in pairs]
    if not wrong:
        return [_row(port.name, "output", expected)]
    got = [part(found, focus, MOST_DIGITS) for _, found in pairs]
    marks = []
    for n in wrong:
        shown = part(spots[n], focus, MOST_DIGITS)
        first, last = shown.find("^"), shown.rfind("^")
        marks.append((n, first, last - first + 1) if first >= 0 else (n, len(shown) - 1, 1))
    return [_row(port.name, "expected", expected), _row(port.name, "got", got, marks)]


def _spots(want: str, got: str) -> str:
    """Return a caret for each digit with a bit that is 0 or 1 in `want` and something else in `got`, else a space.

    The digits themselves do not tell: x0x1 and x1x1 are both X.
    """
    carets = "".join("^" if a != b and a in "01" else " " for a, b in zip(want, got, strict=True))
    if len(carets) <= 1:
        return carets
    padded = carets.rjust(-(-len(carets) // 4) * 4)
    return "".join("^" if "^" in padded[i : i + 4] else " " for i in range(0, len(padded), 4))


def _row(name: str, kind: str, cells: Sequence[str], marks: Sequence[tuple[int, int, int]] = ()) -> WaveRow:
    return WaveRow(name, kind, " ".join(cells), tuple(marks))


def _split(bits: str, ports: tuple[Port, ...]) -> tuple[str, ...]:
    values, at = [], 0
    for port in ports:
        values.append(bits[at : at + port.width])
        at += port.width
    return tuple(values)
