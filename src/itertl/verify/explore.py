"""Which further stimuli show something new of a reference: coverage feedback from the reference alone.

    extras, run = explore(design, interface, drive, simulate)        # what is worth driving on top, often nothing
    Probe.of(design, interface)                                      # the reference, its registers one more output

Seen is what registers and outputs have held: values, and steps from one value to the next under each setting of the
one-bit inputs, where they are narrow, else how far the number got. As long as the usual stimuli go on to show something
new, short stretches are tried on the reference, and those that add most are driven into candidates, too. Where a
register has not moved at all, or a counter is compared with a large number, long ones are tried. Nothing of this
depends on time or machine.
"""

import dataclasses
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from itertl.tools.icarus import Run
from itertl.verify.stimuli import LONG_COUNT, Extra
from itertl.verify.testbench import Plan
from itertl.verilog.guard import Accepted, spell
from itertl.verilog.interface import Interface, Port

Event = tuple[Any, ...]  # number of the register or output, then what it showed
Drive = Callable[[Sequence[Extra]], Plan]
Simulate = Callable[[Interface, Accepted, Plan], Run]
Trace = Callable[[Plan], str]  # of the probed reference, "" where it does not simulate

NARROW, WIDE = 6, 32  # bits of a register or output: values are told apart up to here; wider ones are not looked at
MOST_BITS = 256  # of all registers that are looked at
_TRIED, _SHORT, _CHOSEN = 16, 100, 4  # stretches tried, cycles of each, and how many are kept at most
_WORTH = 3  # new things that a short stretch has to show
_FIRST, _LONG, _ENOUGH = 12_000, 48_000, 16_000  # cycles: a long stretch; where registers still rest; all together
_MIDDLE = 4_000  # cycles of a stretch where only single bits rest
_KINDS = (("held 1", 0), ("free", 100), ("held 0", 0), ("bursts", 100))
_SAMPLED_BITS = 8_000_000  # of all samples of the outputs in one long stretch
_SETTINGS = 4  # one-bit inputs, resets left out, under which steps are told apart
_PLAIN = re.compile(r"[A-Za-z_]\w*(\[\d+\])?(\.[A-Za-z_]\w*(\[\d+\])?)*")
_VIEW, _INSTANCE, _OUTPUT = "itertl_view", "itertl_seen", "itertl_registers"


@dataclasses.dataclass(frozen=True, slots=True)
class Probe:
    """A module around the reference that shows its registers, too, on a port behind the others."""

    design: Accepted
    interface: Interface
    widths: tuple[int, ...]

    @classmethod
    def of(cls, design: Accepted, interface: Interface) -> "Probe | None":
        """Build the probe; None where there is no register to look at."""
        chosen: list[tuple[str, int]] = []
        for path, width in interface.clocking.registers:
            if _PLAIN.fullmatch(path) and width <= WIDE and width + sum(w for _, w in chosen) <= MOST_BITS:
                chosen.append((path, width))
        if not chosen:
            return None
        total = sum(w for _, w in chosen)
        ports = (*interface.ports, Port(_OUTPUT, "output", total))
        declared = ", ".join(f"{p.direction} [{p.width - 1}:0] {spell(p.name)}" for p in ports)
        connected = ", ".join(f".{spell(p.name)}({spell(p.name)})" for p in interface.ports)
        shown = ", ".join(f"{_INSTANCE}.{path}" for path, _ in chosen)
        head = f"{design.code}\nmodule "
        middle = f"({declared});\n  "
        tail = f" {_INSTANCE} ({connected});\n  assign {_OUTPUT} = {{{shown}}};\nendmodule\n"
        at = len(head) + len(_VIEW) + len(middle)
        names = (*design.names, (len(head), len(_VIEW), _VIEW), (at, len(interface.top), interface.top))
        view = Accepted(f"{head}{_VIEW}{middle}{interface.top}{tail}", names, design.edits)
        widths = (*(p.width for p in interface.outputs), *(w for _, w in chosen))
        return cls(view, dataclasses.replace(interface, top=_VIEW, ports=ports), widths)

    def plain(self, trace: str, interface: Interface) -> str:
        """Return the trace without what the registers held."""
        kept, row = sum(p.width for p in interface.outputs), sum(self.widths)
        return "".join(trace[at : at + kept] for at in range(0, len(trace), row))


class Coverage:
    """What has been seen of a reference so far."""

    def __init__(self, probe: Probe, interface: Interface) -> None:
        """Know where registers and outputs stand in a sample, and one-bit inputs in a vector."""
        inputs = [p for p in interface.inputs if p.name not in interface.clocking.clocks]
        resets = {r.name for r in interface.clocking.resets}
        low, self._mask, free = sum(p.width for p in inputs), 0, _SETTINGS
        for port in inputs:
            low -= port.width
            if port.width == 1 and port.name not in resets and free:
                self._mask, free = self._mask | 1 << low, free - 1
        self._row = sum(probe.widths)
        self._spans = [(i, sum(probe.widths[:i]), w) for i, w in enumerate(probe.widths) if w <= WIDE]
        self._seen: set[Event] = set()

    @property
    def resting(self) -> tuple[bool, bool]:
        """Whether a register or output has held one value all the time, and whether one of a narrow one's bits has."""
        values: dict[int, set[str]] = {i: set() for i, _, _ in self._spans}
        for event in self._seen:
            if len(event) == 2:
                values[event[0]].add(event[1])
        bits = [set(column) for i, _, w in self._spans if w <= NARROW for column in zip(*values[i], strict=True)]
        return any(len(found) < 2 for found in values.values()), any(len(column) < 2 for column in bits)

    def see(self, plan: Plan, trace: str) -> bool:
        """Add what a trace shows; true if its second half showed something new."""
        half, stop = len(plan.vectors) // 2, len(plan.vectors)
        self.add(self.news(plan, trace, 0, half))
        late = self.news(plan, trace, half, stop)
        self.add(late)
        return bool(late)

    def news(self, plan: Plan, trace: str, start: int, stop: int, steps: bool = True) -> dict[Event, int]:
        """Return what is new from step `start` to `stop`, and at which step; `steps` false: values alone."""
        found: dict[Event, int] = {}
        row, seen = self._row, self._seen
        for step in range(start, stop):
            at = (2 * step + 1) * row
            before, now = trace[at - row : at], trace[at : at + row]
            if before == now and (not steps or step % 2):
                continue
            setting = plan.vectors[step] & self._mask
            for i, first, width in self._spans:
                old, value = before[first : first + width], now[first : first + width]
                events: tuple[Event, ...] = ((i, value if width <= NARROW else str(len(value.lstrip("0")))),)
                if steps and width <= NARROW:
                    events += ((i, old, value, setting),)
                for event in events:
                    if event not in seen and "x" not in value and "z" not in value:
                        found.setdefault(event, step)
        return found

    def add(self, events: Iterable[Event]) -> None:
        """Take note of what has been seen, or will be."""
        self._seen.update(events)


def explore(
    design: Accepted, interface: Interface, drive: Drive, simulate: Simulate
) -> tuple[tuple[Extra, ...], Run | None]:
    """Return the stretches that add something, and the run of the reference where there is none to add."""
    probe = Probe.of(design, interface)
    if probe is None:
        return (), None

    def trace(plan: Plan) -> str:
        run = simulate(probe.interface, probe.design, plan)
        return run.traces[0] if run.complete else ""

    plan = drive(())
    run = simulate(probe.interface, probe.design, plan)
    if not run.complete:
        return (), None
    coverage = Coverage(probe, interface)
    chosen = _short(coverage, drive, trace) if coverage.see(plan, run.traces[0]) else []
    if interface.clocking.horizon > LONG_COUNT or coverage.resting[0]:
        chosen += _long(coverage, interface, drive, trace)
    elif coverage.resting[1]:
        chosen += _long(coverage, interface, drive, trace, _KINDS[:2], (_MIDDLE,))
    if chosen:
        return tuple(chosen), None
    return (), dataclasses.replace(run, traces=(probe.plain(run.traces[0], interface),))


def _short(coverage: Coverage, drive: Drive, run: Trace) -> list[Extra]:
    """Choose among short stretches, again and again the one that adds most."""
    tried = [Extra("bursts" if n % 2 else "free", n, _SHORT) for n in range(_TRIED)]
    plan = drive(tried)
    if not (trace := run(plan)):
        return []
    start = len(plan.vectors) - 2 * _SHORT * _TRIED
    shown = {
        extra: set(coverage.news(plan, trace, start + 2 * _SHORT * n, start + 2 * _SHORT * (n + 1)))
        for n, extra in enumerate(tried)
    }
    chosen: list[Extra] = []
    while len(chosen) < _CHOSEN:
        best = max(tried, key=lambda extra: len(shown[extra]))
        gain = shown[best]
        if len(gain) < _WORTH:
            break
        coverage.add(gain)
        chosen.append(best)
        shown = {extra: events - gain for extra, events in shown.items()}
    return chosen


def _long(
    coverage: Coverage,
    interface: Interface,
    drive: Drive,
    run: Trace,
    kinds: Sequence[tuple[str, int]] = _KINDS,
    lengths: Sequence[int] = (_FIRST, _LONG),
) -> list[Extra]:
    """Choose among long stretches, each cut behind the last step that shows a new value."""
    most = _SAMPLED_BITS // (4 * sum(p.width for p in interface.outputs))
    chosen: list[Extra] = []
    for kind, number in kinds:
        news: dict[Event, int] = {}
        for cycles in lengths:
            extra = Extra(kind, number, min(cycles, most))
            plan = drive([extra])
            start, trace = len(plan.vectors) - 2 * extra.cycles, run(plan)
            news = coverage.news(plan, trace, start, len(plan.vectors), steps=False) if trace else {}
            last = (max(news.values(), default=start) - start) // 2
            if not coverage.resting[0] or last < extra.cycles // 2:
                break
        if news:
            coverage.add(news)
            chosen.append(Extra(kind, number, min(last + 32, extra.cycles)))
        if sum(c.cycles for c in chosen) >= _ENOUGH:
            break
    return chosen
