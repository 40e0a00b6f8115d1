"""Stimuli and bench for a design, from its interface alone; nothing is run here.

    plan = make_plan(interface, seed, cycles, vectors)        # what is driven and when outputs are sampled
    bench(interface, plan, modules, names)                    # Verilog that drives `modules` side by side
    plan.memory                                               # the stimuli, for $readmemh

The bench holds no expected value. It prints the outputs of each module, as bits, behind a nonce that is part of its
source; verdicts come from comparing the lines with those of the reference, outside of the simulation.

A combinational design gets all input combinations where they are few, else corners, walking bits, the numbers that
stand in the reference's code, and random vectors, with one sample for each. A clocked design gets two vectors a
cycle, one in each clock phase, away from the edges, and is sampled before and behind each edge: four samples a cycle,
so that wrong edges, missing registers, latches and combinational paths all show. Its controls are held for bursts, so
that counters get far and buffers fill and drain; resets are active at the start and come again in mid-run.
"""

import dataclasses
import functools
import itertools
import random
from collections.abc import Callable, Iterator, Mapping, Sequence

from itertl.verify.guard import spell
from itertl.verify.interface import Interface, Port

Draw = Callable[[Port], int]

EXHAUSTIVE_BITS = 10
_FLUSHED = 8  # steps between two flushes of what the bench prints: how finely its progress shows
_NUMBER = "\0"  # in no identifier
_LEAST_VECTORS = 64
_CHANCES = ((0.0, 0.0, 0.0, 0.03, 0.15), (0.0, 0.3, 0.6), (0.0, 0.0, 0.1, 0.25))  # reset, glitch, flash of a burst
_LONG_COUNT = 32  # cycles; shorter counters are reached by ordinary bursts


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """Stimuli: one vector (all inputs but the clock, the first input in the highest bits) a step.

    `clock` is "" for a combinational design; else each step also toggles the clock, which starts at 0.
    """

    clock: str
    width: int
    vectors: tuple[int, ...]

    @property
    def samples(self) -> int:
        """How many times the outputs are sampled."""
        return len(self.vectors) * (2 if self.clock else 1)

    @property
    def memory(self) -> str:
        """The vectors in hexadecimal, one a line."""
        digits = (self.width + 3) // 4
        return "".join(f"{v:0{digits}x}\n" for v in self.vectors)

    def step(self, sample: int) -> int:
        """Return the number of the vector that the inputs hold at a sample."""
        return sample // 2 if self.clock else sample

    def cycle(self, sample: int) -> int:
        """Return the clock cycle of a sample, or the number of its vector where there is no clock."""
        return self.step(sample) // 2 if self.clock else sample

    def level(self, sample: int) -> str:
        """Return the clock at a sample: "0" or "1", or "" where there is none."""
        return str((self.step(sample) + sample) % 2) if self.clock else ""

    def describe(self, sample: int) -> str:
        """Name the moment of a sample in words."""
        if not self.clock:
            return f"vector {sample}"
        step, behind = divmod(sample, 2)
        edge = "falling" if step % 2 else "rising"
        return f"cycle {step // 2}, {'after' if behind else 'before'} the {edge} edge of {self.clock}"


@dataclasses.dataclass(frozen=True, slots=True)
class Names:
    """Random names of one run, which no candidate can know: of the bench module, and before each printed line."""

    bench: str
    nonce: str


def make_plan(interface: Interface, seed: str, cycles: int, vectors: int) -> Plan:
    """Choose the stimuli; equal arguments give an equal plan on every machine."""
    rng = random.Random(seed)
    clock = interface.clocking.clocks[0] if interface.clocking.clocks else ""
    inputs = [p for p in interface.inputs if p.name != clock]
    width = sum(p.width for p in inputs)
    special = {p.name: _special(p, interface.constants) for p in inputs}
    draw = functools.partial(_value, rng=rng, special=special)
    if clock:
        steps = _clocked(interface, inputs, rng, draw, cycles)
    else:
        steps = _combinational(inputs, special, rng, draw, vectors)
    return Plan(clock, max(width, 1), tuple(steps))


def _combinational(
    inputs: Sequence[Port], special: Mapping[str, Sequence[int]], rng: random.Random, draw: Draw, count: int
) -> Iterator[int]:
    width = sum(p.width for p in inputs)
    if width == 0:
        yield from (0, 0)
        return
    every = (1 << width) - 1
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
                fixed.append(_join(inputs, [value if i == j else draw(p) for j, p in enumerate(inputs)]))
        yield from rng.sample(fixed, len(fixed))
    values = [draw(p) for p in inputs]
    for _ in range(max(count, _LEAST_VECTORS)):
        # Often one input alone changes: a block whose sensitivity list lacks it then keeps its old value.
        changed = range(len(inputs)) if rng.random() < 0.6 else [rng.randrange(len(inputs))]
        for i in changed:
            values[i] = draw(inputs[i])
        yield _join(inputs, values)


def _value(port: Port, rng: random.Random, special: Mapping[str, Sequence[int]]) -> int:
    """Draw a value: often uniform, else a number from the code, a corner, a single bit, a small number, sparse bits."""
    every = (1 << port.width) - 1
    kind = rng.random()
    if port.width == 1 or kind < 0.5:
        return rng.getrandbits(port.width)
    if kind < 0.65 and special[port.name]:
        return (rng.choice(special[port.name]) + rng.choice((0, 0, 0, 1, -1))) & every
    if kind < 0.75:
        return rng.choice((0, every, 1, every - 1, 1 << (port.width - 1), every >> 1))
    if kind < 0.85:
        return 1 << rng.randrange(port.width)
    if kind < 0.93:
        return rng.randrange(min(every, 15) + 1)
    return rng.getrandbits(port.width) & rng.getrandbits(port.width)


def _special(port: Port, constants: Sequence[tuple[int, int]]) -> list[int]:
    """Return the numbers that the code may compare `port` with: of its width, or of no width of their own (32 bits)."""
    fits = [v for w, v in constants if w == port.width or (w == 32 and 0 <= v < 1 << port.width)]
    return fits if port.width > 3 else []


def _join(inputs: Sequence[Port], values: Sequence[int]) -> int:
    vector = 0
    for port, value in zip(inputs, values, strict=True):
        vector = vector << port.width | value
    return vector


@dataclasses.dataclass(frozen=True, slots=True)
class _Burst:
    """A run of `length` cycles; `held` fixes all one-bit controls, the rest are probabilities a cycle.

    `reset`: resets become active for one to three cycles. `glitch`: the other inputs change between the two phases.
    `flash`: a reset changes for one phase, which only an asynchronous one, or one at the active edge, notices.
    """

    length: int
    held: int | None = None
    reset: float = 0.0
    glitch: float = 0.0
    flash: float = 0.0


def _clocked(
    interface: Interface, inputs: Sequence[Port], rng: random.Random, draw: Draw, cycles: int
) -> Iterator[int]:
    """Yield two vectors a cycle: for the phase before the rising edge and for that before the falling one."""
    active = {r.name: r.active for r in interface.clocking.resets}
    horizon = interface.clocking.horizon
    bursts = [_Burst(1, reset=1.0)] * 3
    if active:
        bursts += [_Burst(10), _Burst(20, flash=0.3), _Burst(10, reset=0.2, glitch=0.3)]
    done = sum(b.length for b in bursts)
    while done < cycles:
        length = min(rng.choice((2, 5, 10, 20, 40)), cycles - done)
        bursts.append(_Burst(length, None, *(rng.choice(chances) for chances in _CHANCES)))
        done += length
    if horizon > _LONG_COUNT:
        controls = any(p.width == 1 and p.name not in active for p in inputs)
        for held in (1, 0) if controls else (1,):
            bursts += [_Burst(4), _Burst(horizon + horizon // 8 + 16, held)]
        bursts.append(_Burst(20, reset=0.1, glitch=0.3, flash=0.1))
    for burst in bursts:
        yield from _drive(inputs, active, rng, draw, burst)


def _drive(
    inputs: Sequence[Port], active: Mapping[str, int], rng: random.Random, draw: Draw, burst: _Burst
) -> Iterator[int]:
    """Yield the vectors of one burst; `active` holds the active levels of the resets."""
    sources = [_source(p, rng, draw, burst.held) for p in inputs]
    resets = [i for i, p in enumerate(inputs) if p.name in active]
    left, hit = 0, resets
    for _ in range(burst.length):
        left = max(left - 1, 0)
        if resets and not left and rng.random() < burst.reset:
            left = rng.randrange(1, 4)
            hit = resets if burst.reset == 1.0 or rng.random() < 0.5 else [rng.choice(resets)]
        first = [source() for source in sources]
        for i in resets:
            first[i] = active[inputs[i].name] ^ int(not (left and i in hit))
        second = list(first)
        if rng.random() < burst.glitch:
            second = [first[i] if i in resets else draw(p) for i, p in enumerate(inputs)]
        if resets and rng.random() < burst.flash:
            i = rng.choice(resets)
            rng.choice((first, second))[i] ^= 1
        yield _join(inputs, first)
        yield _join(inputs, second)


def _source(port: Port, rng: random.Random, draw: Draw, held: int | None) -> Callable[[], int]:
    """Return what draws an input's value for each cycle of a burst."""
    if port.width == 1:
        probability = float(held) if held is not None else rng.choice((0.0, 1.0, 0.5, 0.5, 0.5, 0.1, 0.9))
        return lambda: int(rng.random() < probability)
    if held is not None or rng.random() < 0.2:
        constant = draw(port)
        return lambda: constant
    if rng.random() < 0.15:
        count, mask = itertools.count(draw(port)), (1 << port.width) - 1
        return lambda: next(count) & mask
    return lambda: draw(port)


def bench(interface: Interface, plan: Plan, modules: Sequence[str], names: Names) -> str:
    """Return a bench that drives `modules` side by side and prints a line a step: nonce, samples of each module."""
    ports = _connections(interface, plan)
    total = sum(p.width for p in interface.outputs)
    span = f"[{total - 1}:0]"
    instances = "".join(
        f"  wire {span} o{i}; reg {span} p{i};\n  {spell(m)} u{i} ({ports.replace(_NUMBER, str(i))});\n"
        for i, m in enumerate(modules)
    )
    shown = [f"p{i}, o{i}" if plan.clock else f"o{i}" for i in range(len(modules))]
    formats = " ".join(["%b%b" if plan.clock else "%b"] * len(modules))
    show = f'$display("{names.nonce} {formats}", {", ".join(shown)});'
    keep = " ".join(f"p{i} = o{i};" for i in range(len(modules)))
    step = f"#2 v = s[i]; #2 {keep} #1 c = ~c; #2 {show}" if plan.clock else f"#1 v = s[i]; #1 {show}"
    loop = f"for (i = 0; i < {len(plan.vectors)}; i = i + 1) begin {step} if (i % {_FLUSHED} == 0) $fflush; end"
    body = f'$display("{names.nonce} begin"); $fflush; {loop}\n    $display("{names.nonce} end");'
    return _frame(plan, names, f"  reg [{plan.width - 1}:0] v;\n  reg c = 1'b0;\n{instances}", body)


def bench_in_turns(interface: Interface, plan: Plan, modules: Sequence[str], names: Names, steps: int) -> str:
    """Return a bench that drives one module after the other for the first `steps` steps, and shows whose turn it is.

    It prints the nonce and the number of the module, again and again, and no sample.
    """
    ports = _connections(interface, plan)
    total = sum(p.width for p in interface.outputs)
    parts, turns = [], []
    for i, module in enumerate(modules):
        own = ports.replace(_NUMBER, str(i)).replace("(c)", f"(c{i})").replace("(v[", f"(v{i}[")
        parts.append(
            f"  wire [{total - 1}:0] o{i}; reg [{plan.width - 1}:0] v{i}; reg c{i} = 1'b0;\n"
            f"  {spell(module)} u{i} ({own});\n"
        )
        show = f'$display("{names.nonce} {i}"); $fflush;'
        step = f"#2 v{i} = s[i]; #3 c{i} = ~c{i}; #2;" if plan.clock else f"#1 v{i} = s[i]; #1;"
        loop = f"for (i = 0; i < {steps}; i = i + 1) begin {step} if (i % {_FLUSHED} == 0) begin {show} end end"
        turns.append(f"{show} {loop}\n    ")
    return _frame(plan, names, "".join(parts), "".join(turns))


def _frame(plan: Plan, names: Names, declarations: str, body: str) -> str:
    """Return a bench module around what it declares and what it does after the stimuli are read."""
    return (
        f"`timescale 1ns/1ns\nmodule {names.bench};\n"
        f"  reg [{plan.width - 1}:0] s [0:{len(plan.vectors) - 1}];\n  integer i;\n{declarations}"
        f'  initial begin\n    $readmemh("stimuli.hex", s);\n    #5; {body}\n    $finish(0);\n  end\nendmodule\n'
    )


def _connections(interface: Interface, plan: Plan) -> str:
    """Return the port list of an instance; `_NUMBER` stands for its number."""
    parts = []
    low = sum(p.width for p in interface.inputs if p.name != plan.clock)
    out = sum(p.width for p in interface.outputs)
    for port in interface.ports:
        if port.name == plan.clock:
            net = "c"
        elif port.direction == "input":
            low -= port.width
            net = f"v[{low + port.width - 1}:{low}]"
        else:
            out -= port.width
            net = f"o{_NUMBER}[{out + port.width - 1}:{out}]"
        parts.append(f".{spell(port.name)}({net})")
    return ", ".join(parts)
