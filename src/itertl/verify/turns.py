"""Walks to the numbers at which comparisons turn: `s > 3000` looks like `s >= 3000` until `s` is 3000.

    walks = yield from turning(coverage, interface, settings, drive, trace)     # those that reach what nothing has

What a wide input adds to a register or takes from it leads there: it is held until the register has nearly come to the
number, then gets what is missing, and where that misses, too, what is missing then, twice more.
"""

import dataclasses
from collections.abc import Callable, Iterator, Sequence

from itertl.verify.batch import Asking
from itertl.verify.coverage import Coverage
from itertl.verify.plan import Plan
from itertl.verify.stimuli import RESET, Extra
from itertl.verify.walks import WAYS, Hold, controls
from itertl.verilog.interface import Interface

_ZERO, _FRESH = WAYS.index("zero"), WAYS.index("fresh")
_SETTINGS, _PORTS = 4, 2  # that are tried
_TRIED = 400  # cycles for which a value is held
_EDGES = 8  # numbers that are looked for
_APPROACHES = 3  # to one number
_ROUNDS = 3
_BEHIND, _AFTER = 3, 12  # cycles for which the register stays where it is, and then goes on
_NUMBER = 5  # by which walks of this kind are told from others


@dataclasses.dataclass(slots=True)
class _Approach:
    """One way to a number: what is held for how long, and what the input gets then, with what has come of it."""

    register: int
    value: int
    port: str
    width: int
    hold: Hold
    last: int  # what the input gets
    before: tuple[int, int] | None = None  # what it got the last time, and what the register became

    def walk(self) -> tuple[Hold, ...]:
        """Return the walk: the hold, one cycle with what is missing, some with nothing, and some with anything."""
        setting, every = self.hold.setting, (1 << self.width) - 1
        ends = ((self.last & every, 1), (0, _BEHIND))
        there = (Hold(setting, _ZERO, cycles, ((self.port, given),)) for given, cycles in ends)
        return (self.hold, *there, Hold(setting, _FRESH, _AFTER))

    def learn(self, became: int) -> None:
        """Take from what the register has become what the input has to get."""
        missing, gain = self.value - became, 1
        if self.before is not None and self.before[0] != self.last:
            gain = round((became - self.before[1]) / (self.last - self.before[0])) or 1
        self.before = self.last, became
        self.last += round(missing / gain)


def turning(
    coverage: Coverage,
    interface: Interface,
    settings: Sequence[int],
    drive: Callable[[Sequence[Extra]], Plan],
    trace: Callable[[Plan], Asking[str]],
) -> Asking[list[Extra]]:
    """Return walks that reach numbers at which comparisons turn and that nothing has reached; coverage knows them."""
    wanted = _wanted(coverage)
    ports = _wide(interface)
    if not wanted or not ports:
        return []
    tried = [
        Extra.of((Hold(setting, _ZERO, _TRIED, ((port, given),)),), _NUMBER)
        for setting in settings[:_SETTINGS]
        for port, width in ports
        for given in sorted({(1 << width - 1) - 1, (1 << width) - 1, 1 << width // 2, 1, *_downwards(wanted, width)})
    ]
    chosen: list[Extra] = []
    plan = drive(tried)
    if not (shown := (yield from trace(plan))):
        return []
    chosen += _worth(coverage, plan, shown, tried, len(drive(()).vectors))
    widths = dict(ports)
    series = [list(values) for values in _series(coverage, plan, shown, tried, wanted)]
    approaches = [
        a for n, (register, value) in enumerate(wanted) for a in _near(register, value, series[n], tried, widths)
    ]
    for _ in range(_ROUNDS):
        known = set(_wanted(coverage))
        approaches = [a for a in approaches if (a.register, a.value) in known]
        walks = [Extra.of(a.walk(), _NUMBER) for a in approaches]
        if not walks:
            break
        plan = drive([*chosen, *walks])
        if not (shown := (yield from trace(plan))):
            break
        first = len(plan.vectors) - 2 * sum(w.cycles for w in walks)
        for approach, values in zip(approaches, _each(coverage, plan, shown, walks, approaches), strict=True):
            became = values[approach.hold.cycles]
            if became is not None:
                approach.learn(became)
        chosen += _worth(coverage, plan, shown, walks, first)
    return chosen


def _wanted(coverage: Coverage) -> list[tuple[int, int]]:
    """Return (number of a register, value) for each comparison that nothing has brought to where it turns."""
    numbers = {name: n for n, name in reversed(list(enumerate(coverage.probe.names)))}
    missed = set(coverage.missed)
    found = [(numbers[path], value) for n, path, value in coverage.probe.thresholds if n in missed and path in numbers]
    return list(dict.fromkeys(found))[:_EDGES]


def _downwards(wanted: Sequence[tuple[int, int]], width: int) -> list[int]:
    """Return what leads to negative numbers as fast as an input of `width` bits can, where any is looked for."""
    return [1 << width - 1] if any(value < 0 for _, value in wanted) else []


def _wide(interface: Interface) -> list[tuple[str, int]]:
    """Return the first inputs that may add to something."""
    out = {p.name for p in controls(interface)} | set(interface.clocking.clocks)
    out |= {r.name for r in interface.clocking.resets}
    return [(p.name, p.width) for p in interface.inputs if p.name not in out and p.width > 1][:_PORTS]


def _values(
    coverage: Coverage, shown: str, register: int, start: int, cycles: int, signed: bool
) -> Iterator[int | None]:
    """Yield what a register holds at the end of each cycle from the vector `start` on, None where that is unknown."""
    first, width = coverage.span(register)
    row = coverage.probe.row
    for cycle in range(cycles):
        at = (2 * (start + 2 * cycle + 1) + 1) * row + first
        bits = shown[at : at + width]
        if not bits.isdigit():
            yield None
        else:
            yield int(bits, 2) - (1 << width if signed and bits[0] == "1" else 0)


def _starts(plan: Plan, walks: Sequence[Extra]) -> Iterator[int]:
    """Yield the vector at which each of the last stretches of a plan begins, behind its reset."""
    at = len(plan.vectors) - 2 * sum(w.cycles for w in walks)
    for walk in walks:
        yield at + 2 * RESET
        at += 2 * walk.cycles


def _series(
    coverage: Coverage, plan: Plan, shown: str, tried: Sequence[Extra], wanted: Sequence[tuple[int, int]]
) -> Iterator[list[list[int | None]]]:
    """Yield for each register and number what it holds in each of the last stretches: signed for a negative number."""
    starts = list(_starts(plan, tried))
    for register, value in wanted:
        yield [list(_values(coverage, shown, register, start, _TRIED, value < 0)) for start in starts]


def _each(
    coverage: Coverage, plan: Plan, shown: str, walks: Sequence[Extra], approaches: Sequence[_Approach]
) -> Iterator[list[int | None]]:
    for start, walk, approach in zip(_starts(plan, walks), walks, approaches, strict=True):
        yield list(_values(coverage, shown, approach.register, start, walk.cycles - RESET, approach.value < 0))


def _near(
    register: int, value: int, series: Sequence[list[int | None]], tried: Sequence[Extra], widths: dict[str, int]
) -> list[_Approach]:
    """Return ways to a number: those holds, as long as they last, that cross it first."""
    crossed: list[tuple[int, int, int]] = []
    for number, values in enumerate(series):
        for cycle in range(1, len(values)):
            one, other = values[cycle - 1], values[cycle]
            if one is not None and other is not None and (one < value) != (other < value) and one != value:
                crossed.append((cycle, number, one))
                break
    found: list[_Approach] = []
    for cycle, number, one in sorted(crossed)[:_APPROACHES]:
        hold = tried[number].walk[0]
        port = hold.given[0][0]
        last = hold._replace(cycles=cycle)
        found.append(_Approach(register, value, port, widths[port], last, value - one))
    return found


def _worth(coverage: Coverage, plan: Plan, shown: str, walks: Sequence[Extra], first: int) -> list[Extra]:
    """Return those of the last stretches of a plan that reach a number nothing has reached, and take note of it."""
    turning = {n for n, _, _ in coverage.probe.thresholds}
    chosen, at = [], first
    for walk in walks:
        end = at + 2 * walk.cycles
        news = {e: s for e, s in coverage.reached(plan, shown, at, end).items() if len(e) == 2 and e[1] in turning}
        if news:
            last = (max(news.values()) - at) // 2 + _AFTER
            cut = walk if last >= walk.cycles or len(walk.walk) > 1 else _shortened(walk, last)
            chosen.append(cut)
            coverage.add(coverage.reached(plan, shown, at, at + 2 * cut.cycles))
        at = end
    return chosen


def _shortened(walk: Extra, cycles: int) -> Extra:
    return Extra.of((walk.walk[0]._replace(cycles=max(1, cycles - RESET)),), walk.number)
