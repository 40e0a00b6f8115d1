"""What has been seen of a reference: values of its registers and outputs, steps between them, points it has reached.

probe = Probe.of(design, interface)      # the reference, registers and points one more output
coverage.see(plan, trace)                # take note of a run; coverage.news(...) tells what another one adds
"""

import dataclasses
import itertools
import operator
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from itertl.verify.plan import Plan
from itertl.verilog.frontend import MAX_PARSED
from itertl.verilog.guard import Accepted, Refusal, believe, inspect
from itertl.verilog.interface import Interface, Port, read_interface
from itertl.verilog.nesting import TRUSTED_CHAIN, too_nested
from itertl.verilog.points import WIRE, Point, with_points
from itertl.verilog.project import Project
from itertl.verilog.rewrite.rewritten import Plain
from itertl.verilog.tokens import spell, tokens

K = TypeVar("K")
Event = tuple[Any, ...]  # number of the register or output, -1 for points, then what it showed

NARROW = 6  # bits of a register or output: values are told apart up to here, of wider ones how long they are
WIDE = 32  # bits of a register or output of which only is told which bits have moved
MOST_BITS = 512  # of all registers that are looked at
_SETTINGS = 4  # one-bit inputs, resets left out, under which steps are told apart
_PLAIN = re.compile(r"[A-Za-z_]\w*(\[\d+\])?(\.[A-Za-z_]\w*(\[\d+\])?)*")
_VIEW, _INSTANCE, _OUTPUT = "itertl_view", "itertl_seen", "itertl_registers"


@dataclasses.dataclass(frozen=True, slots=True)
class Probe:
    """A module around the reference that shows its registers and points, too, on a port behind the others.

    `names` and `widths` are those of the outputs, then of the registers; `points` has those of each instance.
    """

    design: Accepted
    interface: Interface
    names: tuple[str, ...]
    widths: tuple[int, ...]
    points: tuple[Point, ...] = ()
    starts: tuple[int, ...] = ()  # the number, in `points`, of the first point of the instance
    thresholds: tuple[tuple[int, str, int], ...] = ()  # points at which comparisons turn: number, path and value

    @classmethod
    def of(cls, design: Accepted, interface: Interface, pointed: bool = True) -> "Probe | None":
        """Build the probe; None where there is nothing to look at. `pointed` false leaves points out."""
        chosen: list[tuple[str, int]] = []
        for path, width in _registers(design, interface):
            if _PLAIN.fullmatch(path) and width + sum(w for _, w in chosen) <= MOST_BITS:
                chosen.append((path, width))
        decided = with_points(design.code, interface.top) if pointed else None
        again = _again(design, decided.code, interface) if decided else None
        shown = [path for path, _ in chosen]
        points: list[Point] = []
        starts: list[int] = []
        thresholds: list[tuple[int, str, int]] = []
        if decided is not None and isinstance(again, Accepted):
            design = again
            for path, module in decided.instances:
                elsewhere = design.plain.resolved and "[" in path  # what was generated has another name there
                if (not path or _PLAIN.fullmatch(path)) and not elsewhere and len(points) < MOST_BITS:
                    shown.append(f"{path}.{WIRE}" if path else WIRE)
                    for n, point in enumerate(decided.points[module], len(points)):
                        if point.threshold:
                            name, value = point.threshold
                            thresholds.append((n, f"{path}.{name}" if path else name, value))
                    starts += [len(points)] * len(decided.points[module])
                    points += decided.points[module]
        if not shown:
            return None
        registers = sum(w for _, w in chosen)
        view = _view(design, interface, shown, registers + len(points))
        names = (*(p.name for p in interface.outputs), *(path for path, _ in chosen))
        widths = (*(p.width for p in interface.outputs), *(w for _, w in chosen))
        return cls(*view, names, widths, tuple(points), tuple(starts), tuple(thresholds))

    @property
    def row(self) -> int:
        """Bits of a sample."""
        return sum(self.widths) + len(self.points)

    def plain(self, trace: str, interface: Interface) -> str:
        """Return the trace of the outputs alone."""
        kept, row = sum(p.width for p in interface.outputs), self.row
        shown = trace.encode("ascii")
        plain = bytearray(len(trace) // row * kept)
        for column in range(kept):
            plain[column::kept] = shown[column::row]
        return plain.decode("ascii")


def _again(design: Accepted, code: str, interface: Interface) -> Accepted | Refusal:
    """Return what stands for a reference whose text has got points."""
    if design.trusted:
        return believe(code, interface.top, interface.ports, Project(data=design.data))
    return inspect(code, interface.top, interface.ports)


def _view(design: Accepted, interface: Interface, shown: list[str], width: int) -> tuple[Accepted, Interface]:
    """Return the module around `design` with `shown`, paths of `width` bits in all, on one more port."""
    ports = (*interface.ports, Port(_OUTPUT, "output", width))
    declared = ", ".join(f"{p.direction} [{p.width - 1}:0] {spell(p.name)}" for p in ports)
    connected = ", ".join(f".{spell(p.name)}({spell(p.name)})" for p in interface.ports)
    paths = ", ".join(f"{_INSTANCE}.{path}" for path in shown)
    head = f"{design.plain.text}\nmodule "
    middle = f"({declared});\n  "
    tail = f" {_INSTANCE} ({connected});\n  assign {_OUTPUT} = {{{paths}}};\nendmodule\n"
    at = len(head) + len(_VIEW) + len(middle)
    names = (*design.plain.names, (len(head), len(_VIEW), _VIEW), (at, len(interface.top), interface.top))
    text = f"{head}{_VIEW}{middle}{interface.top}{tail}"
    view = Accepted(text, Plain(text, names), trusted=design.trusted, data=design.data)
    return view, dataclasses.replace(interface, top=_VIEW, ports=ports)


def _registers(design: Accepted, interface: Interface) -> tuple[tuple[str, int], ...]:
    """Return the registers by the names that they have where the design is simulated; none where nobody can tell."""
    if not design.plain.resolved:
        return interface.clocking.registers
    if too_nested(tokens(design.plain.text), MAX_PARSED, TRUSTED_CHAIN):  # each operand of a sum has brackets there
        return ()
    return read_interface(design.plain.text, interface.top).clocking.registers


_Span = tuple[int, int, int, bool, bool]  # number, first and last column, whether it is narrow, whether it counts


def _firsts(keys: Sequence[K], numbers: Sequence[int]) -> dict[K, int]:
    """Return each of `keys` with the number at the place where it comes first."""
    return dict(zip(reversed(keys), reversed(numbers), strict=True))  # of equal keys the last one counts


class Coverage:
    """What has been seen of a reference so far."""

    def __init__(self, probe: Probe, interface: Interface) -> None:
        """Know where registers and outputs stand in a sample, and one-bit inputs in a vector."""
        clocking = interface.clocking
        inputs = [p for p in interface.inputs if p.name not in clocking.clocks]
        active = {r.name: r.active for r in clocking.resets}
        low, free = sum(p.width for p in inputs), _SETTINGS
        self._mask, self._resets, self._inactive = 0, 0, 0
        for port in inputs:
            low -= port.width
            if port.name in active:
                self._resets |= 1 << low
                self._inactive |= (1 - active[port.name]) << low
            elif port.width == 1 and free:
                self._mask, free = self._mask | 1 << low, free - 1
        self.probe = probe
        self._row, self._points = probe.row, sum(probe.widths)
        self._spans = [(i, sum(probe.widths[:i]), w) for i, w in enumerate(probe.widths)]
        numbers: dict[str, list[int]] = {}
        for number, name in enumerate(probe.names):  # an output that is a register is there twice
            numbers.setdefault(name, []).append(number)
        self._twins = {first: others for first, *others in numbers.values() if others}
        told = (self._spans[first] for first, *_ in numbers.values())
        counters = clocking.counters
        self._told = [(i, at, at + w, w <= NARROW, probe.names[i] in counters) for i, at, w in told if w <= WIDE]
        self._clocked = bool(clocking.clocks)
        self._edges = (clocking.rising, clocking.falling) if self._clocked else (True, True)
        self._seen: set[Event] = set()
        self._columns = [set[str]() for _ in range(self._points)]

    def __contains__(self, event: Event) -> bool:
        """True if the event has been seen."""
        return event in self._seen

    def span(self, number: int) -> tuple[int, int]:
        """Return where a register or output begins in a sample, and its width."""
        return self._spans[number][1:]

    def unmoved(self, number: int) -> list[int]:
        """Return the bits of a register or output, the lowest is 0, that have not been both 0 and 1."""
        start, width = self.span(number)
        return [width - 1 - b for b in range(width) if len(self._columns[start + b] & {"0", "1"}) < 2]

    def values(self, number: int, bit: int) -> set[str]:
        """Return what a bit has been."""
        start, width = self.span(number)
        return self._columns[start + width - 1 - bit]

    def wrapped(self, number: int) -> bool:
        """True if a register or output has gone from a value with its highest bit to a small one, without a reset."""
        return (number, "wrapped") in self._seen

    @property
    def unreached(self) -> list[int]:
        """The numbers of the points that have not been reached, though what is around them has: conditions."""
        return [n for n in self.missed if not self.probe.points[n].beside]

    @property
    def missed(self) -> list[int]:
        """The numbers of all points that have not been reached, though what is around them has."""
        probe, hit = self.probe, {event[1] for event in self._seen if event[0] == -1}
        missed = [n for n in range(len(probe.points)) if n not in hit]
        outer = {n: probe.points[n].within + probe.starts[n] for n in missed}
        return [n for n in missed if probe.points[n].within < 0 or outer[n] in hit]

    def see(self, plan: Plan, trace: str) -> bool:
        """Add what a trace shows; true if its second half showed something new."""
        half, stop = len(plan.vectors) // 2, len(plan.vectors)
        self.add(self.news(plan, trace, 0, half))
        late = self.news(plan, trace, half, stop)
        self.add(late)
        self.look(trace)
        return bool(late)

    def end(self, plan: Plan, trace: str) -> None:
        """Add what a trace shows of points and bits, for `facts`: steps and values are of no use any more."""
        self.add(self.reached(plan, trace, 0, len(plan.vectors), steps=False))
        self.look(trace)

    def look(self, trace: str) -> None:
        """Take note of the values of each bit."""
        for column, seen in enumerate(self._columns):
            if len(seen & {"0", "1"}) < 2:
                shown = trace[column :: self._row]
                seen.update(value for value in "01xz" if value in shown)

    def news(self, plan: Plan, trace: str, start: int, stop: int, steps: bool = True) -> dict[Event, int]:
        """Return what is new from step `start` to `stop`, and at which step; `steps` false: values alone."""
        found = self.reached(plan, trace, start, stop, steps)
        before, now = self._sides(trace, start, stop, 0, self._points)
        numbers, vectors = list(range(start, stop)), list(plan.vectors[start:stop])
        if self._clocked:  # where nothing changes, nothing is looked at, but at each second step where steps count
            looked = list(map(operator.ne, before, now))
            if steps:
                even = slice(start % 2, None, 2)
                looked[even] = [True] * len(looked[even])
            before, now = list(itertools.compress(before, looked)), list(itertools.compress(now, looked))
            numbers, vectors = list(itertools.compress(numbers, looked)), list(itertools.compress(vectors, looked))
        for span in self._told:
            for event, step in self._events(span, before, now, vectors, numbers, steps):
                if event not in self._seen and found.get(event, stop) > step:
                    found[event] = step
                    for twin in self._twins.get(event[0], ()):
                        found[twin, *event[1:]] = step
        return found

    def _sides(self, trace: str, start: int, stop: int, first: int, end: int) -> tuple[list[str], list[str]]:
        """Return the columns from `first` to `end` of the samples before and behind the edge of each step."""
        row = self._row
        if not self._clocked:
            samples = [trace[at + first : at + end] for at in range(start * row, stop * row, row)]
            return samples, samples
        both = (
            [trace[at + first : at + end] for at in range(begin, 2 * stop * row, 2 * row)]
            for begin in (2 * start * row, (2 * start + 1) * row)
        )
        before, behind = both
        return before, behind

    def reached(self, plan: Plan, trace: str, start: int, stop: int, steps: bool = True) -> dict[Event, int]:
        """Return the points that are new from step `start` to `stop`, and at which step each is."""
        found: dict[Event, int] = {}
        if self._points == self._row:
            return found
        before, behind = self._sides(trace, start, stop, self._points, self._row)
        if not steps:
            return self._values_reached(before, behind, start)
        vectors = [vector & self._mask for vector in plan.vectors[start:stop]]
        for side, rows in enumerate((before, behind)):
            first: dict[tuple[str, int, bool], int] = {}
            last = ""
            for step, (shown, vector) in enumerate(zip(rows, vectors, strict=True), start):
                if shown != last:
                    edge = not side and self._edges[step % 2]
                    last = shown if side or edge else ""
                    if (key := (shown, vector, edge)) not in first:
                        first[key] = step
            for key, step in first.items():
                for event in self._reached(*key):
                    if event not in self._seen and found.get(event, stop) > step:
                        found[event] = step
        return found

    def _values_reached(self, before: list[str], behind: list[str], start: int) -> dict[Event, int]:
        """Return what `reached` does where it does not matter under which inputs."""
        found: dict[Event, int] = {}
        numbers = range(start, start + len(before))
        sides = [(before[n::2], numbers[n::2], self._edges[(start + n) % 2]) for n in (0, 1)]
        for shown_at, steps, edge in (*sides, (behind, numbers, False)):
            for shown, step in _firsts(shown_at, steps).items():
                for event in self._reached(shown, 0, edge):
                    if len(event) == 2 and event not in self._seen:
                        found[event] = min(step, found.get(event, step))
        return found

    def _reached(self, points: str, vector: int, edge: bool) -> Iterable[Event]:
        """Yield the points that are 1, each by itself and under the settings of the inputs in `vector`."""
        for n in self._ones(points):
            if edge or not self.probe.points[n].clocked:
                yield -1, n
                yield -1, n, vector

    def _ones(self, points: str) -> Iterable[int]:
        at = points.find("1")
        while at >= 0:
            yield at
            at = points.find("1", at + 1)

    def _events(
        self, span: _Span, before: list[str], now: list[str], vectors: list[int], numbers: list[int], steps: bool
    ) -> Iterator[tuple[Event, int]]:
        """Yield the events of a register or output, each with the first step at which it comes in this way."""
        i, first, end, narrow, counts = span
        olds, values = [b[first:end] for b in before], [n[first:end] for n in now]
        if narrow:
            for value, step in _firsts(values, numbers).items():
                if value.isdigit():  # no bit is x or z
                    yield (i, value), step
            masked = [v & self._mask for v in vectors]
            told = _firsts(list(zip(olds, values, masked, strict=True)), numbers) if steps else {}
            yield from (((i, *what), step) for what, step in told.items() if what[1].isdigit())
            return
        lengths: dict[int, int] = {}
        for value, step in _firsts(values, numbers).items():
            if value.isdigit() and lengths.get(length := len(value.lstrip("0")), step) >= step:
                lengths[length] = step
        yield from (((i, length), step) for length, step in lengths.items())
        if not counts:
            return
        free, quiet = self._resets, self._inactive
        moved = [a != b and v & free == quiet for a, b, v in zip(olds, values, vectors, strict=True)]
        pairs = list(itertools.compress(zip(olds, values, strict=True), moved))
        moves: dict[Event, int] = {}
        for (old, value), step in _firsts(pairs, list(itertools.compress(numbers, moved))).items():
            if value.isdigit():
                event: Event = (i, len(value.lstrip("0")), old < value)
                if moves.get(event, step) >= step:
                    moves[event] = step
                if old[0] == "1" and value[:2] == "00":
                    moves[i, "wrapped"] = min(step, moves.get((i, "wrapped"), step))
        yield from moves.items()

    def add(self, events: Iterable[Event]) -> None:
        """Take note of what has been seen, or will be."""
        self._seen.update(events)
