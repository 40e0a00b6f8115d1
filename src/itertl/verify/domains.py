"""Clocks that know nothing of one another: when each of them changes, and which inputs hold then.

    plan = several_clocks(interface, vectors, rng)      # vectors of the inputs without clocks, two a cycle

Ratios and phases are drawn anew every few cycles. At each step one clock alone changes, when all inputs have settled:
two edges never fall together, so that no order of events inside of a simulator decides. The outputs of all domains
are sampled before and behind each edge of each clock, those of their own among them.
"""

import random
from collections.abc import Iterator, Sequence

from itertl.verify.plan import Plan
from itertl.verilog.interface import Interface

_PERIODS = (2, 2, 3, 4, 5)  # half periods of clocks, beside one another
_SEGMENT = (20, 80)  # vectors for which ratio and phases stay


def several_clocks(interface: Interface, vectors: Iterator[int], rng: random.Random) -> Plan:
    """Return the plan that drives vectors of the inputs without clocks under independent clocks."""
    places, low = [], sum(p.width for p in interface.inputs)
    width = low
    for port in interface.inputs:
        low -= port.width
        places.append((port, low))
    clocks = tuple((p.name, at) for p, at in places if p.name in interface.clocking.clocks)
    data = [(p.width, at) for p, at in places if p.name not in interface.clocking.clocks]
    words, levels = [], 0
    for vector, moved in _schedule(vectors, len(clocks), rng):
        levels ^= 1 << clocks[moved][1]
        words.append(_spread(vector, data) | levels)
    return Plan("", width, tuple(words), clocks)


def _spread(vector: int, data: Sequence[tuple[int, int]]) -> int:
    """Return a vector of some inputs as bits of the vector of all: `data` are (width, offset), the highest first."""
    word = 0
    for width, at in reversed(data):
        word |= (vector & ((1 << width) - 1)) << at
        vector >>= width
    return word


def _schedule(vectors: Iterator[int], count: int, rng: random.Random) -> Iterator[tuple[int, int]]:
    """Yield (vector, number of the clock that changes) for each step; a vector holds until its own clock changes."""
    paced, left = 0, _SEGMENT[0]
    periods, due = [2, *[1] * (count - 1)], [0.5, *[0.0] * (count - 1)]
    for vector in vectors:
        if not left:
            left = rng.randint(*_SEGMENT)
            paced = rng.randrange(count)
            periods = [rng.choice(_PERIODS) for _ in range(count)]
            due = [rng.random() * period for period in periods]
        left -= 1
        while True:
            moved = min(range(count), key=lambda clock: due[clock])
            due[moved] += periods[moved]
            yield vector, moved
            if moved == paced:
                break
