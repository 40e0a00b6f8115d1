"""Walks: inputs held for long, one setting after the other, so that counters wrap and buffers fill and drain.

    settings(interface, rng)                 # of the inputs that control something, one bit after the other
    pairs(chosen, length)                    # each setting behind each other one, for `length` cycles
    pulses(chosen, reaches)                  # each setting for as long as counters may count, and a little longer

A `Hold` keeps the controls (one-bit inputs but the resets, and narrow ones) at a setting; wide inputs go one way.
"""

import itertools
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from itertl.verilog.interface import Interface, Port

_BITS = 4  # of all controls that are set one by one
_MOST_SETTINGS = 8
# Of wide inputs during a hold. Each second one follows the one before: numbers near a bound, too, are reached from it.
WAYS = ("top", "fresh", "ones", "special", "bottom", "zero", "one", "near")
_FROM, _UP_TO = 3, 300  # counts around which holds are tried one by one
_PULSED, _FURTHER, _FAR = 6, 8, 12  # settings that are tried so, up to how many times the count, and from which on
_PERIODS = 3  # of the longest count: what wraps too late shows where the next one begins
NEAR = len(WAYS) - 1  # one bit away from each number that the reference compares with, then the number itself
_NEAR_SETTINGS, _NEAR_CYCLES = 2, 256
_PAUSED, _EACH = 64, 24  # counts about which pulses are apart, and up to which they are at each distance
_TIMED, _PULSING, _PULSES = 3, 3, 8_000  # counts beyond these, controls that are pulsed, and cycles of all pulses
RESETTING = -1  # the setting of a hold in which all resets are active, and controls 0
_LEAD, _TAIL = 3, 5  # cycles at the opposite setting before and behind


class Hold(NamedTuple):
    """One setting for some cycles; `way` is the number of one of WAYS, `given` are inputs with a value of their own."""

    setting: int
    way: int
    cycles: int
    given: tuple[tuple[str, int], ...] = ()


Walk = tuple[Hold, ...]


def controls(interface: Interface) -> tuple[Port, ...]:
    """Return the inputs that a setting fixes, its lowest bits for the first: one-bit ones first, four bits at most."""
    out = {r.name for r in interface.clocking.resets} | set(interface.clocking.clocks)
    chosen: list[Port] = []
    for port in sorted((p for p in interface.inputs if p.name not in out and p.width < _BITS), key=lambda p: p.width):
        if sum(p.width for p in chosen) + port.width <= _BITS:
            chosen.append(port)
    return tuple(chosen)


def settings(interface: Interface, rng: random.Random) -> list[int]:
    """Return the settings of the controls: all of them, or all ones, all zeros, single ones and some others."""
    bits = sum(p.width for p in controls(interface))
    if 1 << bits <= _MOST_SETTINGS:
        return list(range((1 << bits) - 1, -1, -1))
    chosen = [(1 << bits) - 1, 0, *(1 << i for i in range(bits))]
    return chosen + rng.sample([s for s in range(1 << bits) if s not in chosen], _MOST_SETTINGS - len(chosen))


def pairs(chosen: Sequence[int], wide: bool, least: int, most: int) -> list[tuple[int, int]]:
    """Return (setting, way) one after the other, so that in the end each setting has followed each other one."""
    count = min(max(len(chosen) * (len(chosen) - 1), least), most)
    seen: dict[tuple[int, int], int] = {}
    path = [0]
    while len(path) < count:
        here = path[-1]
        others = [n for n in range(len(chosen)) if n != here] or [here]
        there = min(others, key=lambda n: (seen.get((here, n), 0), (n - here) % len(chosen)))
        seen[here, there] = seen.get((here, there), 0) + 1
        path.append(there)
    stride = 1 if len(chosen) > 1 else 2
    return [(chosen[n], stride * i % NEAR if wide else 0) for i, n in enumerate(path)]


def pulses(chosen: Sequence[int], reaches: Sequence[int], bits: int) -> list[Walk]:
    """Return walks that hold each setting for about as long as something counts to, and for powers of two beyond.

    A design that counts in fewer bits than it takes, or lets a counter wrap that should stop, shows itself then; one
    that compares with the number beside the right one where the setting changes at that moment; and one whose period
    is another within a few periods, which come last, without a reset among them.
    """
    counts = [r for r in reaches if _FROM <= r <= _UP_TO]
    if not counts:
        return []
    every = (1 << bits) - 1
    periods: list[Walk] = [(Hold(s, 1, _PERIODS * counts[-1] + _TAIL),) for s in chosen[:_PULSED]]
    if not bits:
        return periods[:1]
    lengths = {r + more for r in counts[:3] for more in (-1, 0, 1, 2, 3)}
    if far := [r for r in counts if r >= _FAR]:
        lengths |= {(1 << v) + 3 for v in range(4, 10) if far[0] <= 1 << v <= min(_FURTHER * far[-1], 2 * _UP_TO)}
    held: list[Walk] = [
        (Hold(every ^ s, way, _LEAD), Hold(s, way, length), Hold(every ^ s, way, _TAIL))
        for s in chosen[:_PULSED]
        for way, length in enumerate(sorted(lengths))
    ]
    return held + periods


def distances(interface: Interface) -> Walk:
    """Return a walk of pulses: behind a reset one cycle of a control, or none, then another one so many cycles later.

    All else is at rest, so that nothing masks what happens at exactly that distance: a request that comes in the last
    cycle of busy, a kick at the bound of a window, a renewal just before the end. How long something may take follows
    from counts, from numbers in the code, and from the bits of registers through which it may be shifted.
    """
    clocking = interface.clocking
    found = {*clocking.reaches, *(width for _, width in clocking.registers), *(v for _, v in interface.constants)}
    counts = sorted(n for n in found if _FROM <= n <= _PAUSED)
    few = max((n for n in counts if n <= _EACH), default=_FROM)
    apart = {*range(1, few + 3), *(n + more for n in counts[-_TIMED:] for more in (-2, -1, 0, 1, 2))}
    rest = max(2 * few, *counts, 0) + _TAIL
    single = [1 << n for n in range(min(sum(p.width for p in controls(interface)), _PULSING))]
    walk, left = list[Hold](), _PULSES
    for first, pause, second in itertools.product((0, *single), sorted(apart), single):
        holds = (Hold(RESETTING, 0, 2), Hold(first, 0, 1), Hold(0, 0, pause), Hold(second, 0, 1), Hold(0, 0, rest))
        left -= sum(hold.cycles for hold in holds)
        if left < 0:
            break
        walk += holds
    return tuple(walk)


def near(chosen: Sequence[int], special: Mapping[str, Sequence[int]]) -> list[Walk]:
    """Return walks past what wide inputs may be compared with, one bit away from it first."""
    cycles = max((len(values) for values in map(_nearby, special.values())), default=0)
    return [(Hold(s, NEAR, min(cycles, _NEAR_CYCLES)),) for s in chosen[:_NEAR_SETTINGS]] if cycles else []


def _nearby(numbers: Sequence[int]) -> list[int]:
    """Return numbers one bit away, then the numbers themselves, each in turn."""
    return [n ^ 1 << bit for n in numbers if n > 3 for bit in range(n.bit_length() + 1)] + list(numbers)


def vectors(
    walk: Walk, interface: Interface, special: Mapping[str, Sequence[int]], draw: Callable[[Port], int]
) -> Iterator[tuple[list[int], int]]:
    """Yield the values of all inputs but the clock, and for how many cycles; resets stay inactive."""
    inputs = [p for p in interface.inputs if p.name not in interface.clocking.clocks]
    inactive = {r.name: 1 - r.active for r in interface.clocking.resets}
    for hold in walk:
        held, setting = dict(inactive), max(hold.setting, 0)
        if hold.setting == RESETTING:
            held = {name: 1 - level for name, level in inactive.items()}
        for port in controls(interface):
            held[port.name], setting = setting & ((1 << port.width) - 1), setting >> port.width
        held |= dict(hold.given)
        way = WAYS[hold.way % len(WAYS)]
        if way == "near":
            around = {p.name: [n & (1 << p.width) - 1 for n in _nearby(special[p.name])] or [0] for p in inputs}
            around |= {name: [value] for name, value in held.items()}
            for cycle in range(hold.cycles):
                yield [around[p.name][cycle % len(around[p.name])] for p in inputs], 1
            continue
        if way != "fresh":
            still = {p.name: _still(p, way, special[p.name], draw) for p in inputs if p.name not in held}
            yield [(held | still)[p.name] for p in inputs], hold.cycles
            continue
        for _ in range(hold.cycles):
            yield [held[p.name] if p.name in held else draw(p) for p in inputs], 1


def _still(port: Port, way: str, special: Sequence[int], draw: Callable[[Port], int]) -> int:
    every = (1 << port.width) - 1
    known = {"ones": every, "zero": 0, "one": 1, "top": every >> 1, "bottom": every ^ (every >> 1)}
    if way in known:
        return known[way]
    return special[draw(port) % len(special)] if special else draw(port)
