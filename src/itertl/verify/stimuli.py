"""What is driven into a design, chosen from its interface and the numbers in its reference; nothing is run here.

    plan = make_plan(interface, seed, cycles, vectors, extras)    # equal arguments give an equal plan on every machine

A combinational design gets all input combinations where they are few, else corners, walking bits, the numbers that
stand in the reference's code, and random vectors, with one sample for each. A clocked design gets two vectors a
cycle, one in each clock phase, away from the edges, and is sampled before and behind each edge: four samples a cycle,
so that wrong edges, missing registers, latches and combinational paths all show.

Cycles come in bursts. In each burst every input follows one way of its own: held, drawn anew each cycle, counting, in
runs of equal bits as long as the reference's own numbers, a short pattern again and again, values from a small pool
that inputs of one width share (so that an address is written and read again). So counters get far, buffers fill and
drain, and sequences that a state machine waits for come up. Resets are active at the start and come again in mid-run.
`extras` go on from there: stretches of cycles that showed something new of the reference (explore.py).
"""

import dataclasses
import functools
import itertools
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from itertl.verify.domains import several_clocks
from itertl.verify.plan import Plan
from itertl.verify.values import corners, drawer, join, specials
from itertl.verify.walks import Walk, vectors
from itertl.verify.words import KINDS, stretch
from itertl.verilog.interface import Interface, Port

Pools = dict[int, list[int]]  # by width: values that inputs share during a burst

EXHAUSTIVE_BITS = 12
RESET = 2  # cycles of a reset before a stretch
_UNFIXED = 4  # cycles before an input is fixed
LONG_COUNT = 32  # cycles; shorter counters are reached by ordinary bursts
_LEAST_VECTORS = 64
_CORNERED = 3  # pairs of inputs that see all their corners together
_WIDE_OUTPUTS, _LEAST_CYCLES = 160, 100  # bits of all outputs above which cycles become fewer, and to how many
_CHANCES = ((0.0, 0.0, 0.0, 0.03, 0.15), (0.0, 0.3, 0.6), (0.0, 0.1, 0.2, 0.4))  # reset, glitch, flash of a burst
_LENGTHS = (2, 5, 10, 20, 40)  # cycles of a burst
_WAYS = ("zero", "one", "even", "even", "rare", "often", "runs", "runs", "pattern", "pattern")  # of one bit
_WIDE_WAYS = ("held", "counting", "pool", "pool", "fresh", "fresh", "fresh", "fresh")


@dataclasses.dataclass(frozen=True, slots=True)
class Extra:
    """A stretch of `cycles` behind the others, from a reset on.

    Kinds: "bursts"; "free": every input goes one way all the time; "held 0", "held 1": one-bit controls are fixed;
    "fixed": the input number // 2 stays at number % 2, the others are drawn anew; "walk": the holds of `walk`, one
    after the other; and those of words.py. Else `number` tells equal kinds apart.
    """

    kind: str
    number: int
    cycles: int
    walk: Walk = ()

    @classmethod
    def of(cls, walk: Walk, number: int = 0) -> "Extra":
        """Return the stretch that walks `walk`, behind its reset."""
        return cls("walk", number, RESET + sum(hold.cycles for hold in walk), walk)


def cycles_for(interface: Interface, cycles: int) -> int:
    """Return the cycles for a design: as many as asked for, fewer where a cycle shows very many output bits."""
    width = sum(p.width for p in interface.outputs)
    return cycles if width <= _WIDE_OUTPUTS else min(cycles, max(_LEAST_CYCLES, cycles * _WIDE_OUTPUTS // width))


def make_plan(interface: Interface, seed: str, cycles: int, count: int, extras: Sequence[Extra] = ()) -> Plan:
    """Choose the stimuli for `interface`: at least `cycles` clock cycles, or `count` vectors without a clock."""
    return planner(interface, seed, cycles, count)(extras)


def planner(interface: Interface, seed: str, cycles: int, count: int) -> Callable[[Sequence[Extra]], Plan]:
    """Return what makes the plans of a design with any extras; what it has drawn once it does not draw again."""
    usual = _usual(interface, seed, cycles, count)

    @functools.lru_cache(maxsize=256)
    def stretch(extra: Extra) -> tuple[int, ...]:
        sequencer = Sequencer(interface, random.Random(f"{seed} {extra.kind} {extra.number}"))
        return tuple(sequencer.extra(extra))

    def plan(extras: Sequence[Extra]) -> Plan:
        if not extras or not usual.clock:
            return usual
        return dataclasses.replace(usual, vectors=usual.vectors + tuple(itertools.chain(*map(stretch, extras))))

    return plan


def _usual(interface: Interface, seed: str, cycles: int, count: int) -> Plan:
    """Return the plan without extras."""
    rng = random.Random(seed)
    if len(interface.clocking.clocks) > 1:
        return several_clocks(interface, Sequencer(interface, rng).plan(cycles), rng)
    clock = interface.clocking.clocks[0] if interface.clocking.clocks else ""
    inputs = [p for p in interface.inputs if p.name != clock]
    width = max(sum(p.width for p in inputs), 1)
    if clock:
        return Plan(clock, width, tuple(Sequencer(interface, rng).plan(cycles)))
    special = specials(interface)
    steps = _combinational(inputs, special, rng, count)
    return Plan(clock, width, tuple(steps))


def _combinational(
    inputs: Sequence[Port], special: Mapping[str, Sequence[int]], rng: random.Random, count: int
) -> Iterator[int]:
    width = sum(p.width for p in inputs)
    if width == 0:
        yield from (0, 0)
        return
    every = (1 << width) - 1
    drawers = {p.name: drawer(p, rng, special[p.name]) for p in inputs}

    def draw(port: Port) -> int:
        return drawers[port.name]()

    if width <= EXHAUSTIVE_BITS:
        # In random order: a latch that keeps its last value agrees too often with neighbours of a sorted walk.
        for _ in range(max(1, -(-_LEAST_VECTORS // (1 << width)))):
            yield from rng.sample(range(1 << width), 1 << width)
        count = _LEAST_VECTORS
    else:
        fixed = [0, every]
        if width <= 128:
            fixed += [1 << i for i in range(width)] + [every ^ (1 << i) for i in range(width)]
        for i, port in enumerate(inputs):
            for value in special[port.name]:
                fixed.append(join(inputs, [value if i == j else draw(p) for j, p in enumerate(inputs)]))
        for one, other in itertools.islice(itertools.combinations(range(len(inputs)), 2), _CORNERED):
            for a, b in itertools.product(corners(inputs[one]), corners(inputs[other])):
                fixed.append(join(inputs, [{one: a, other: b}.get(i, draw(p)) for i, p in enumerate(inputs)]))
        yield from rng.sample(fixed, len(fixed))
    values = [draw(p) for p in inputs]
    same = [[j for j, p in enumerate(inputs) if p.width == q.width > 1 and j != i] for i, q in enumerate(inputs)]
    for _ in range(max(count, _LEAST_VECTORS)):
        # Often one input alone changes: a block whose sensitivity list lacks it then keeps its old value.
        # Now and then an input takes the value of another: comparisons must see ties.
        changed = range(len(inputs)) if rng.random() < 0.6 else [rng.randrange(len(inputs))]
        for i in changed:
            alike = [values[j] for j in same[i]]
            values[i] = rng.choice(alike) if alike and rng.random() < 0.1 else draw(inputs[i])
        yield join(inputs, values)


def _spare(interface: Interface, inputs: Sequence[Port], resets: Sequence[int]) -> list[int]:
    """Return all resets but one, an asynchronous one if there is one: the others may as well be ordinary inputs."""
    asynchronous = {r.name for r in interface.clocking.resets if r.asynchronous}
    return sorted(resets, key=lambda i: inputs[i].name not in asynchronous)[1:]


@dataclasses.dataclass(frozen=True, slots=True)
class Burst:
    """A run of `length` cycles; `held` fixes all inputs, one-bit ones at its value, the rest are chances a cycle.

    `reset`: resets become active for one to three cycles. `glitch`: the other inputs change between the two phases.
    `flash`: a reset changes for one phase. Mostly this is the phase that ends without an active edge, if there is
    such a phase: a synchronous reset does not notice, an asynchronous one does. `shared`: wide inputs take few values,
    those of one width the same, so that a memory is read where it was written. `poke` is a single cycle of one reset,
    with one-bit inputs at 0, at 1, or anyhow, in turn: a reset must not depend on them.
    """

    length: int
    held: int | None = None
    reset: float = 0.0
    glitch: float = 0.0
    flash: float = 0.0
    shared: bool = False
    poke: int | None = None


class Sequencer:
    """Draws the vectors of a clocked design, burst by burst: two a cycle, one for each phase of the clock."""

    def __init__(self, interface: Interface, rng: random.Random) -> None:
        self.interface = interface
        self.inputs = [p for p in interface.inputs if p.name not in interface.clocking.clocks]
        self.active = {r.name: r.active for r in interface.clocking.resets}
        self.resets = [i for i, p in enumerate(self.inputs) if p.name in self.active]
        self.spare = _spare(interface, self.inputs, self.resets)
        self.horizon, self.memories = interface.clocking.horizon, interface.clocking.memories
        self.special = specials(interface)
        self.runs = [v + k for w, v in interface.constants if w > 2 and 3 <= v <= 2 * LONG_COUNT for k in (-1, 0, 1, 2)]
        both = interface.clocking.rising and interface.clocking.falling
        self.idle = None if both else int(interface.clocking.rising)  # the phase that ends without an active edge
        self.rng = rng
        self._drawers = {p.name: drawer(p, rng, self.special[p.name]) for p in self.inputs}

    def plan(self, cycles: int) -> Iterator[int]:
        """Yield the vectors of a whole run."""
        for burst in self._bursts(cycles):
            yield from self.drive(burst)

    def extra(self, extra: Extra) -> Iterator[int]:
        """Yield the vectors of a stretch of its own: one of fewer cycles is the beginning of one of more."""
        bursts: Iterable[Burst] = [Burst(RESET, reset=1.0)] if self.active else []
        if plain := {"walk": self._walk, "fixed": self._fixed, **dict.fromkeys(KINDS, self._words)}.get(extra.kind):
            begun = (self.drive(burst) for burst in bursts or [Burst(RESET)])
            return itertools.chain(itertools.chain.from_iterable(begun), plain(extra))
        if extra.kind == "bursts":
            endless = (self._burst(self.rng.choice(_LENGTHS)) for _ in itertools.count())  # each when it is driven
            bursts = itertools.chain(bursts, endless)
        elif extra.kind == "free":
            bursts = [*bursts, Burst(extra.cycles)]
        else:
            bursts = [*bursts, Burst(4), Burst(extra.cycles, held=int(extra.kind.rpartition(" ")[2]))]
        steps = itertools.chain.from_iterable(self.drive(burst) for burst in bursts)
        return itertools.islice(steps, 2 * extra.cycles)

    def _walk(self, extra: Extra) -> Iterator[int]:
        held = vectors(extra.walk, self.interface, self.special, self._value)
        return itertools.chain.from_iterable(itertools.repeat(join(self.inputs, v), 2 * cycles) for v, cycles in held)

    def _words(self, extra: Extra) -> Iterator[int]:
        inactive = {name: 1 - active for name, active in self.active.items()}
        steps = stretch(self.interface, extra.kind, extra.number, extra.cycles - RESET, self._value)
        for values in (inactive | step for step in steps):
            yield join(self.inputs, [values[p.name] for p in self.inputs])

    def _fixed(self, extra: Extra) -> Iterator[int]:
        """Yield the vectors of cycles without reset, in which one input is fixed but for the first ones."""
        index, level = divmod(extra.number, 2)
        for cycle in range(extra.cycles - RESET):
            values = [self._value(p) for p in self.inputs]
            values[index] = level if cycle >= _UNFIXED else values[index]
            for i in self.resets:
                values[i] = 1 - self.active[self.inputs[i].name]
            yield from itertools.repeat(join(self.inputs, values), 2)

    def _burst(self, length: int) -> Burst:
        reset, glitch, flash = (self.rng.choice(chances) for chances in _CHANCES)
        return Burst(length, reset=reset, glitch=glitch, flash=flash)

    def _bursts(self, cycles: int) -> list[Burst]:
        bursts = [Burst(1, reset=1.0)] * 3
        if self.active:
            bursts += [Burst(10), Burst(20, flash=0.3), Burst(10, reset=0.2, glitch=0.3)]
        done, pokes = sum(b.length for b in bursts), 0
        while done < cycles:
            length = min(self.rng.choice(_LENGTHS), cycles - done)
            bursts.append(self._burst(length))
            done += length
            if self.resets and len(bursts) % 2:
                bursts.append(Burst(1, poke=pokes))
                done, pokes = done + 1, pokes + 1
        if self.memories:
            bursts += [Burst(_LENGTHS[-1], shared=True)] * 3
        if self.horizon > LONG_COUNT:
            controls = any(p.width == 1 and p.name not in self.active for p in self.inputs)
            for held in (1, 0) if controls else (1,):
                bursts += [Burst(4), Burst(self.horizon + self.horizon // 8 + 16, held)]
            bursts.append(Burst(20, reset=0.1, glitch=0.3, flash=0.1))
        return bursts

    def drive(self, burst: Burst) -> Iterator[int]:
        """Yield the vectors of one burst."""
        rng, inputs, resets = self.rng, self.inputs, self.resets
        if burst.poke is not None:
            yield from self._poke(burst.poke)
            return
        if burst.held is not None:
            still = [burst.held if p.width == 1 else self._value(p) for p in inputs]
            for i in resets:
                still[i] = 1 - self.active[inputs[i].name]
            yield from itertools.repeat(join(inputs, still), 2 * burst.length)
            return
        pools: Pools = {}
        shared = burst.shared or rng.random() < 0.2
        sources = [self._source(p, pools, shared) for p in inputs]
        driven = [i for i in self.spare if rng.random() < 0.5] if burst.reset < 1.0 else []
        free = [(i, self.active[inputs[i].name]) for i in resets if i not in driven]
        left, hit, chance = 0, resets, rng.random
        for _ in range(burst.length):
            left = max(left - 1, 0)
            if resets and not left and chance() < burst.reset:
                left = rng.randrange(1, 4)
                hit = resets if burst.reset == 1.0 or chance() < 0.5 else [rng.choice(resets)]
            first = [source() for source in sources]
            for i, active in free:
                first[i] = active ^ int(not (left and i in hit))
            second = first
            if chance() < burst.glitch:
                second = [first[i] if i in resets else self._value(p) for i, p in enumerate(inputs)]
            if resets and chance() < burst.flash:
                phase = self.idle if self.idle is not None and rng.random() < 0.9 else rng.randrange(2)
                first, second = list(first), list(second)
                (first, second)[phase][rng.choice(resets)] ^= 1
            vector = join(inputs, first)
            yield vector
            yield vector if second is first else join(inputs, second)

    def _poke(self, number: int) -> Iterator[int]:
        """Yield the vectors of one cycle in which one reset is active."""
        turn, level = divmod(number, 3)
        hit = self.resets[turn % len(self.resets)]
        values = [level if p.width == 1 and level < 2 else self._value(p) for p in self.inputs]
        for i in self.resets:
            values[i] = self.active[self.inputs[i].name] ^ int(i != hit)
        yield from itertools.repeat(join(self.inputs, values), 2)

    def _value(self, port: Port) -> int:
        return self._drawers[port.name]()

    def _source(self, port: Port, pools: Pools, shared: bool) -> Callable[[], int]:
        """Return what draws an input's value for each cycle of a burst; `shared`: wide inputs draw from pools."""
        if port.width == 1:
            return self._bits(self.rng.choice(_WAYS))
        way = "pool" if shared else self.rng.choice(_WIDE_WAYS)
        if way == "held":
            constant = self._value(port)
            return lambda: constant
        if way == "counting":
            count, mask = itertools.count(self._value(port)), (1 << port.width) - 1
            return lambda: next(count) & mask
        if way == "pool":
            if port.width not in pools:
                pools[port.width] = [self._value(port) for _ in range(self.rng.choice((1, 2, 3)))]
            values = pools[port.width]
            return lambda: self.rng.choice(values)
        return self._drawers[port.name]

    def _bits(self, way: str) -> Callable[[], int]:
        """Return what draws a single bit for each cycle of a burst."""
        rng = self.rng
        if way == "runs":
            bits = self._in_runs()
            return lambda: next(bits)
        if way == "pattern":
            pattern = itertools.cycle([rng.getrandbits(1) for _ in range(rng.randrange(3, 12))])
            return lambda: next(pattern) ^ int(rng.random() < 0.04)
        chance = {"zero": 0.0, "one": 1.0, "even": 0.5, "rare": 0.1, "often": 0.9}[way]
        draw = rng.random
        return lambda: 1 if draw() < chance else 0

    def _in_runs(self) -> Iterator[int]:
        """Yield equal bits in runs: up to a longest one of zeros and of ones, or as long as the reference's numbers."""
        rng = self.rng
        bit, longest = rng.getrandbits(1), [rng.choice((1, 2, 4, 9, 12)), rng.choice((1, 2, 4, 9, 12))]
        while True:
            named = self.runs and rng.random() < 0.4
            length = rng.choice(self.runs) if named else rng.randrange(1, longest[bit] + 1)
            yield from itertools.repeat(bit, length)
            bit ^= 1
