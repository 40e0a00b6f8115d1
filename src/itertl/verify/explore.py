"""Which further stimuli show something new of a reference: coverage feedback from the reference alone.

    found = explore(design, interface, drive, simulate)      # Explored: what is worth driving on top, often nothing

Seen is what registers and outputs have held: values, and steps from one value to the next under each setting of the
one-bit inputs, where they are narrow, else how far the number got and whether it wrapped; and which branches,
items of cases and comparisons have been reached. A clocked reference always sees words of narrow inputs (words.py) and
holds of its controls (walks.py). As long as the usual stimuli go on to show something new, short stretches are tried on
the reference, and those that add most are driven into candidates, too. Where it counts far, has bits that have not
moved, or decides what has not come up, longer walks are tried, then long stretches. Nothing of this depends on time or
machine.
"""

import dataclasses
import functools
import itertools
import random
from collections.abc import Callable, Sequence

from itertl.tools.icarus import Run
from itertl.verify.batch import Asking
from itertl.verify.coverage import NARROW, Coverage, Event, Probe
from itertl.verify.plan import Plan
from itertl.verify.stimuli import EXHAUSTIVE_BITS, LONG_COUNT, RESET, Extra
from itertl.verify.turns import turning
from itertl.verify.unexercised import facts
from itertl.verify.values import specials
from itertl.verify.walks import WAYS, Hold, Walk, controls, distances, near, pairs, pulses, settings
from itertl.verify.words import words
from itertl.verilog.guard import Accepted
from itertl.verilog.interface import Interface

UNEXPLORED = "nothing but the usual stimuli was driven"
Drive = Callable[[Sequence[Extra]], Plan]
Simulate = Callable[[Interface, Accepted, Plan], Asking[Run]]

_TRIED, _SHORT, _CHOSEN = 16, 100, 4  # stretches tried, cycles of each, and how many are kept at most
_WORTH = 3  # new things that a short stretch has to show
_LADDER = (4_000, 16_000, 48_000)  # cycles of a long stretch; the next one where this one has shown something late
_ENOUGH = 16_000  # cycles of all long stretches together, from which no other one is tried
_KINDS = (("free", 100), ("bursts", 100), ("held 1", 0))
_SAMPLED_BITS = 12_000_000  # of all samples of the outputs in one long stretch
_WALKED, _HOLDS, _FEWEST = 24_000, 24, 14  # cycles of a walk over pairs of settings, its holds at most and at least
_CHEAP = 8_000  # cycles of a walk over pairs that is worth its time where something counts, whatever it shows
_COUNTED = 16  # bits of a register that is driven to its wrap where it counts
_MARGIN = 64  # cycles beyond what is expected
_SCREENED = 48  # cycles for which each setting is held, to see what moves
_TRIED_WAYS = ("fresh", "top", "ones", "bottom")  # of wide inputs, to see what moves
_KEPT = 3  # runs that are kept, for later ones that are their beginnings
_LAST = 6  # cycles of each setting behind a long one
_SHIFTED = 64  # bits that are shifted through a register while each setting is held


@dataclasses.dataclass(frozen=True, slots=True)
class Explored:
    """What exploring gave: stretches on top, what nothing has exercised, and the run of the plan with them.

    `run` is None where the reference could not be looked into; its trace is of the outputs alone.
    """

    extras: tuple[Extra, ...] = ()
    unexercised: tuple[str, ...] = ()
    run: Run | None = None


def explore(design: Accepted, interface: Interface, drive: Drive, simulate: Simulate) -> Asking[Explored]:
    """Look for what the usual stimuli leave out in a reference; they leave out nothing where they try all inputs."""
    if len(interface.clocking.clocks) > 1:
        return Explored(unexercised=(f"several clocks: {UNEXPLORED}",))
    if not interface.clocking.clocks and sum(p.width for p in interface.inputs) <= EXHAUSTIVE_BITS:
        return Explored()
    missed: tuple[str, ...] = ()
    for pointed in (True, False):
        probe = Probe.of(design, interface, pointed)
        if probe is None:
            continue
        search = _Search(probe, interface, drive, simulate)
        if (yield from search.begin()):
            return (yield from search.explore())
        missed = ("nothing inside of it was watched",)
    return Explored(unexercised=missed)


class _Search:
    """One search: what has been seen, and how to see more."""

    def __init__(self, probe: Probe, interface: Interface, drive: Drive, simulate: Simulate) -> None:
        self.probe, self.interface, self.drive, self.simulate = probe, interface, drive, simulate
        self.coverage = Coverage(probe, interface)
        self.runs: list[tuple[Plan, Run]] = []
        self.always: list[Extra] = []  # stretches that any clocked reference sees
        self.outputs = len(interface.outputs)
        self.most = _SAMPLED_BITS // (4 * sum(p.width for p in interface.outputs))
        bits = sum(p.width for p in controls(interface))
        rng = random.Random(f"{interface.top} {bits}")
        self.settings, self.bits = settings(interface, rng), bits
        fixed = {p.name for p in controls(interface)} | {r.name for r in interface.clocking.resets}
        self.wide = any(p.name not in fixed for p in interface.inputs if p.name not in interface.clocking.clocks)

    def begin(self) -> Asking[bool]:
        """Drive the usual stimuli, and at once what any clocked reference sees behind them; true if that succeeds."""
        self.always = self._always()
        run = yield from self.run(self.drive(self.always))
        if not run.complete and self.always:
            self.always = []
            run = yield from self.run(self.drive(()))
        return run.complete

    def explore(self) -> Asking[Explored]:
        """Return what is worth driving behind the usual stimuli."""
        plan = self.drive(())
        run = yield from self.run(plan)
        late = self.coverage.see(plan, run.traces[0])
        chosen = list(self.always)
        if chosen:
            driven = self.drive(chosen)
            trace = yield from self.trace(driven)
            self.coverage.add(self.coverage.news(driven, trace, len(plan.vectors), len(driven.vectors)))
            self.coverage.look(trace)
        if self.interface.clocking.clocks and late:
            chosen += yield from _short(self.coverage, self.drive, self.trace)
        if self.interface.clocking.clocks and self._deep():
            chosen += yield from self._walks()
            chosen += yield from self._counts()
            chosen += yield from self._long(sum(c.cycles for c in chosen))
        if self.interface.clocking.clocks:
            chosen += yield from turning(self.coverage, self.interface, self.settings, self.drive, self.trace)
        if chosen:
            plan = self.drive(chosen)
            last = yield from self.run(plan)
            if last.complete:
                run = last
                self.coverage.end(plan, run.traces[0])
            else:
                chosen = []
        plain = dataclasses.replace(run, traces=(self.probe.plain(run.traces[0], self.interface),))
        return Explored(tuple(chosen), facts(self.coverage, self.interface), plain)

    def trace(self, plan: Plan) -> Asking[str]:
        """Return the probed reference's trace, "" where it does not simulate."""
        run = yield from self.run(plan)
        return run.traces[0] if run.complete else ""

    def run(self, plan: Plan) -> Asking[Run]:
        """Simulate the probed reference, unless a run that is known begins with what `plan` drives."""
        for other, run in self.runs:
            if other.vectors[: len(plan.vectors)] == plan.vectors:
                return _beginning(run, len(plan.vectors) / len(other.vectors))
        run = yield from self.simulate(self.probe.interface, self.probe.design, plan)
        if run.complete:
            self.runs = [*self.runs[-_KEPT + 1 :], (plan, run)]
        return run

    def _always(self) -> list[Extra]:
        """Return the stretches that any clocked reference sees: words, holds as long as counts and as registers."""
        if not self.interface.clocking.clocks:
            return []
        chosen = [Extra(kind, number, RESET + cycles) for kind, number, cycles in words(self.interface)]
        chosen += [Extra.of(walk) for walk in pulses(self.settings, self.interface.clocking.reaches, self.bits)]
        registers = self.interface.clocking.registers
        if self.bits and sum(width for _, width in registers) > 1:
            chosen.append(Extra.of(distances(self.interface), 5))
        longest = min(_SHIFTED, max([len(registers), *(width for _, width in registers)]))
        if longest > 2 and (self.wide or self.bits):
            steps = pairs(self.settings, self.wide, _FEWEST, _HOLDS)
            chosen.append(Extra.of(tuple(Hold(setting, way, longest + _LAST // 2) for setting, way in steps), 4))
        return _within(chosen, self.most // 2)

    def _deep(self) -> bool:
        """True if the reference counts far, or keeps something back."""
        reaches = self.interface.clocking.reaches
        return any(r > LONG_COUNT // 2 for r in reaches) or bool(self._resting() or self.coverage.unreached)

    def _resting(self) -> list[int]:
        """Return the registers of which a bit has not moved, or that count and have not wrapped."""
        coverage, found = self.coverage, []
        for n in range(self.outputs, len(self.probe.widths)):
            counts = (
                NARROW < self.probe.widths[n] <= _COUNTED and self.probe.names[n] in self.interface.clocking.counters
            )
            counts = counts and not coverage.wrapped(n)
            if coverage.unmoved(n) or counts:
                found.append(n)
        return found

    def _walks(self) -> Asking[list[Extra]]:
        """Return walks past what wide inputs are compared with; one over pairs of settings, as far as it shows news."""
        reaches = self.interface.clocking.reaches
        chosen = [Extra.of(walk) for walk in near(self.settings, specials(self.interface))]
        if len(self.settings) == 1 and not self.wide:
            return chosen
        steps = pairs(self.settings, self.wide, _FEWEST, _HOLDS)
        widest = max((w for w in self.probe.widths[self.outputs :] if w <= _COUNTED), default=0)
        length = max([1 << widest, *(r for r in reaches if r <= _WALKED // 4)]) + LONG_COUNT // 2
        length = min(length, _WALKED // len(steps), self.most // len(steps))
        walk = Extra.of(tuple(Hold(setting, way, length) for setting, way in steps), 1)
        plan = self.drive([*chosen, walk])
        if not (trace := (yield from self.trace(plan))):
            return []
        start = len(plan.vectors) - 2 * walk.cycles
        self.coverage.add(self.coverage.news(plan, trace, len(self.drive(()).vectors), start))
        news = self.coverage.news(plan, trace, start, len(plan.vectors))
        self.coverage.add(news)
        self.coverage.look(trace)
        worth = [step for event, step in news.items() if len(event) < 4]
        counted = any(r > LONG_COUNT // 2 for r in reaches) and len(self.settings) > 1
        if worth or (counted and walk.cycles <= _CHEAP):
            holds = len(steps) if counted and walk.cycles <= _CHEAP else (max(worth) - start) // 2 // length + 1
            chosen.append(Extra.of(walk.walk[:holds], 1))
        return chosen

    def _counts(self) -> Asking[list[Extra]]:
        """Return walks that drive registers to their wrap, or to what they are compared with, where they count."""
        targets = self._resting()
        if not targets and not self.coverage.unreached:
            return []
        chosen: list[Extra] = []
        for (setting, way), cycles in (yield from self._screened(targets)).items():
            hold, behind = Hold(setting, way, 0), tuple(Hold(s, way, _LAST) for s in self.settings)
            ladder = [n for n in _LADDER if n >= cycles] if cycles in _LADDER else [cycles]
            chosen += yield from self._climb(functools.partial(_held, hold, behind), ladder, held=True)
            if sum(c.cycles for c in chosen) >= _LADDER[-1]:
                break
        return chosen

    def _screened(self, targets: Sequence[int]) -> Asking[dict[tuple[int, int], int]]:
        """Return the settings, with a way for wide inputs, under which targets move most, and for how long they may."""
        ways = [WAYS.index(way) for way in _TRIED_WAYS] if self.wide else [0]
        tried = [Extra.of((Hold(s, way, _SCREENED),), 3) for s in self.settings for way in ways]
        plan = self.drive(tried)
        if not (trace := (yield from self.trace(plan))):
            return {}
        row, length = self.probe.row, 2 * tried[0].cycles
        first = len(plan.vectors) - length * len(tried)
        wanted: dict[tuple[int, int], int] = {}
        reach = max(self.interface.clocking.reaches, default=0)
        for target in targets:
            start, width = self.coverage.span(target)
            moves = []
            for n in range(len(tried)):
                samples = range((2 * (first + n * length) + 1) * row, 2 * (first + (n + 1) * length) * row, 2 * row)
                values = [trace[at + start : at + start + width] for at in samples]
                moves.append(sum(a != b for a, b in itertools.pairwise(values)))
            best = max(range(len(tried)), key=lambda n: moves[n])
            steady = moves[best] > _SCREENED // 2
            cycles = (1 << width) + _MARGIN if steady and width <= _COUNTED else _LADDER[0]
            if steady and width > _COUNTED and reach > cycles:
                cycles = reach + _MARGIN
            hold = tried[best].walk[0]
            wanted[hold.setting, hold.way] = max(cycles, wanted.get((hold.setting, hold.way), 0))
        return dict(sorted(wanted.items(), key=lambda item: item[1]))

    def _long(self, walked: int) -> Asking[list[Extra]]:
        """Choose among long stretches where walks took but `walked` cycles, each cut behind the last new value."""
        chosen: list[Extra] = []
        for kind, number in _KINDS:
            resting = self._resting()
            if walked >= _ENOUGH or not (resting or self.coverage.unreached):
                break
            whole = any(len(self.coverage.unmoved(n)) == self.probe.widths[n] for n in resting)
            ladder = _LADDER if whole or self.coverage.unreached else _LADDER[:1]
            chosen += yield from self._climb(functools.partial(Extra, kind, number), ladder, held=False)
            if sum(c.cycles for c in chosen) >= _ENOUGH:
                break
        return chosen

    def _climb(self, make: Callable[[int], Extra], ladder: Sequence[int], held: bool) -> Asking[list[Extra]]:
        """Return the stretch of as many cycles as show something new, a longer one where one does so until late."""
        news: dict[Event, int] = {}
        for cycles in ladder:
            plan = self.drive([make(min(cycles, self.most))])
            start = len(self.drive(()).vectors)
            if not (trace := (yield from self.trace(plan))):
                return []
            own = Coverage(self.probe, self.interface).news(plan, trace, start, len(plan.vectors), steps=False)
            news = {event: step for event, step in own.items() if event not in self.coverage}
            late = own if held else news  # what is drawn at random shows something of its own at any time
            if (max(late.values(), default=start) - start) // 2 < cycles // 2:
                break
        if not news:
            return []
        last = (max(news.values()) - start) // 2
        self.coverage.add(news)
        self.coverage.look(trace)
        return [make(min(last + _MARGIN, cycles, self.most))]


def _beginning(run: Run, share: float) -> Run:
    """Return the first part of a run, which took as much of its CPU time."""
    trace, compiling = run.traces[0], run.compile_cpu
    cpu = compiling + (run.cpu - compiling) * share
    return dataclasses.replace(run, cpu=cpu, traces=(trace[: round(len(trace) * share)],))


def _within(tried: Sequence[Extra], most: int) -> list[Extra]:
    """Return the stretches that take `most` cycles together, the first ones before the others."""
    kept = list[Extra]()
    for extra in tried:
        if extra.cycles <= most:
            kept.append(extra)
            most -= extra.cycles
    return kept


def _held(hold: Hold, behind: Walk, cycles: int) -> Extra:
    """Return a stretch that begins with `hold` for so many cycles."""
    return Extra.of((hold._replace(cycles=cycles), *behind), 2)


def _short(coverage: Coverage, drive: Drive, run: Callable[[Plan], Asking[str]]) -> Asking[list[Extra]]:
    """Choose among short stretches, again and again the one that adds most."""
    tried = [Extra("bursts" if n % 2 else "free", n, _SHORT) for n in range(_TRIED)]
    plan = drive(tried)
    if not (trace := (yield from run(plan))):
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
