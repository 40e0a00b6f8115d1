"""What has been seen of a reference: values of its registers and outputs, steps between them, points it has reached.

probe = Probe.of(design, interface)      # the reference, registers and points one more output
coverage.see(plan, trace)                # take note of a run; coverage.news(...) tells what another one adds
"""

import dataclasses
import re
from collections.abc import Iterable
from typing import Any

from itertl.verify.points import WIRE, Point, with_points
from itertl.verify.testbench import Plan
from itertl.verilog.guard import Accepted, Refusal, believe, inspect, spell
from itertl.verilog.interface import Interface, Port, read_interface
from itertl.verilog.project import Project
from itertl.verilog.rewrite.rewritten import Plain

Event = tuple[Any, ...]  # number of the register or output, -1 for points, then what it showed

NARROW = 6  # bits of a register or output: values are told apart up to here, of wider ones how long they are
WIDE = 32  # bits of a register or output of which only is told which bits have moved
MOST_BITS = 512  # of all registers that are looked at
_SHORT = 20  # bits of all registers and outputs up to which their values are expected to come again
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
        if decided is not None and isinstance(again, Accepted):
            design = again
            for path, module in decided.instances:
                elsewhere = design.plain.resolved and "[" in path  # what was generated has another name there
                if (not path or _PLAIN.fullmatch(path)) and not elsewhere and len(points) < MOST_BITS:
                    shown.append(f"{path}.{WIRE}" if path else WIRE)
                    starts += [len(points)] * len(decided.points[module])
                    points += decided.points[module]
        if not shown:
            return None
        registers = sum(w for _, w in chosen)
        view = _view(design, interface, shown, registers + len(points))
        names = (*(p.name for p in interface.outputs), *(path for path, _ in chosen))
        widths = (*(p.width for p in interface.outputs), *(w for _, w in chosen))
        return cls(*view, names, widths, tuple(points), tuple(starts))

    @property
    def row(self) -> int:
        """Bits of a sample."""
        return sum(self.widths) + len(self.points)

    def plain(self, trace: str, interface: Interface) -> str:
        """Return the trace of the outputs alone."""
        kept, row = sum(p.width for p in interface.outputs), self.row
        return "".join(trace[at : at + kept] for at in range(0, len(trace), row))


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
    """Return the registers by the names that they have where the design is simulated."""
    if not design.plain.resolved:
        return interface.clocking.registers
    return read_interface(design.plain.text, interface.top).clocking.registers


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
        """The numbers of the points that have not been reached, though what is around them has."""
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
                seen.update(set(trace[column :: self._row]))

    def news(self, plan: Plan, trace: str, start: int, stop: int, steps: bool = True) -> dict[Event, int]:
        """Return what is new from step `start` to `stop`, and at which step; `steps` false: values alone."""
        found = self.reached(plan, trace, start, stop, steps)
        row, seen, points, vectors = self._row, self._seen, self._points, plan.vectors
        behind = row if self._clocked else 0
        stride = row + behind
        decides = self._mask | self._resets  # bits of a vector that an event depends on
        short = points <= _SHORT
        done: set[tuple[str, str, int]] = set()
        for step in range(start, stop):
            first = step * stride
            second = first + behind
            before, now = trace[first : first + points], trace[second : second + points]
            if before == now and (not steps or step % 2) and behind:
                continue
            vector = vectors[step] & decides
            if short:  # where few values come again and again, so do all events
                if (key := (before, now, vector)) in done:
                    continue
                done.add(key)
            for event in self._events(before, now, vector, steps):
                if event not in seen and event not in found:
                    found[event] = step
                    for twin in self._twins.get(event[0], ()):
                        found[twin, *event[1:]] = step
        return found

    def reached(self, plan: Plan, trace: str, start: int, stop: int, steps: bool = True) -> dict[Event, int]:
        """Return the points that are new from step `start` to `stop`, and at which step each is."""
        found: dict[Event, int] = {}
        row, seen, points = self._row, self._seen, self._points
        if points == row:
            return found
        behind = row if self._clocked else 0
        last, before, edges = "", "", self._edges
        for step in range(start, stop):
            end = step * (row + behind) + row
            reached, now = trace[end - row + points : end], trace[end + behind - row + points : end + behind]
            sides = []
            if reached != before:
                before = reached if edges[step % 2] else ""
                sides.append((reached, edges[step % 2]))
            if now != last:
                last = now
                sides.append((now, False))
            for shown, edge in sides:
                for event in self._reached(shown, plan.vectors[step], steps, edge):
                    if event not in seen:
                        found.setdefault(event, step)
        return found

    def _reached(self, points: str, vector: int, steps: bool, edge: bool) -> Iterable[Event]:
        for n, bit in enumerate(points):
            if bit == "1" and (edge or not self.probe.points[n].clocked):
                yield -1, n
                if steps:
                    yield -1, n, vector & self._mask

    def _events(self, before: str, now: str, vector: int, steps: bool) -> list[Event]:
        found: list[Event] = []
        for i, first, end, narrow, counts in self._told:
            value = now[first:end]
            if not value.isdigit():  # bits that are x or z
                continue
            if narrow:
                found.append((i, value))
                if steps:
                    found.append((i, before[first:end], value, vector & self._mask))
                continue
            length = len(value.lstrip("0"))
            found.append((i, length))
            if counts and vector & self._resets == self._inactive and (old := before[first:end]) != value:
                found.append((i, length, old < value))
                if old[0] == "1" and value[:2] == "00":
                    found.append((i, "wrapped"))
        return found

    def add(self, events: Iterable[Event]) -> None:
        """Take note of what has been seen, or will be."""
        self._seen.update(events)
