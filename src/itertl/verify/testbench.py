"""The bench around designs, from their interface alone; nothing is run here.

    bench(interface, plan, modules, names)        # Verilog that drives `modules` side by side
    plan.memory                                   # the stimuli, for $readmemh
    plan.trace(shown, width)                      # the outputs at every sample, from what the bench has printed

The bench holds no expected value. It prints the outputs of each module, as bits, behind a nonce that is part of its
source; verdicts come from comparing the lines with those of the reference, outside of the simulation. Outputs are
sampled once for each vector of a combinational design, before and behind each clock edge of a clocked one.
"""

import dataclasses
import functools
import itertools
import secrets
from collections.abc import Sequence

from itertl.verify.beginning import PowerUp, before_stimuli, declared
from itertl.verilog.interface import Interface, Port
from itertl.verilog.tokens import spell

_FLUSHED = 8  # steps between two flushes of what the bench prints: how finely its progress shows
_spelt = functools.lru_cache(maxsize=4096)(spell)  # of ports, which are the same again and again

_JOINED = 8  # steps of a stretch without new inputs, or vectors without a clock, that share a line
_COUNT = 24  # bits of the number of such steps behind a vector


@dataclasses.dataclass(frozen=True)
class Plan:
    """Stimuli: one vector (all inputs but the clock, the first input in the highest bits) a step.

    `clock` is "" for a combinational design; else each step also toggles the clock, which starts at 0. Of several
    independent clocks none is `clock`: their levels are bits of the vectors, at (name, offset) of `clocks`, and take
    effect when the other inputs have settled; one of them changes at each step.
    """

    clock: str
    width: int
    vectors: tuple[int, ...]
    clocks: tuple[tuple[str, int], ...] = ()

    @property
    def edged(self) -> bool:
        """True if outputs are sampled before and behind an edge at each step."""
        return bool(self.clock or self.clocks)

    @property
    def mask(self) -> int:
        """The bits of several clocks in a vector."""
        return sum(1 << offset for _, offset in self.clocks)

    @property
    def samples(self) -> int:
        """How many times the outputs are sampled."""
        return len(self.vectors) * (2 if self.edged else 1)

    @functools.cached_property
    def stretches(self) -> tuple[tuple[int, int], ...]:
        """Vectors, each with the number of steps behind its own one in which no input but the clock changes."""
        if not self.clock or not self.vectors:
            return tuple((vector, 0) for vector in self.vectors)
        begins = [n for n, (a, b) in enumerate(itertools.pairwise(self.vectors), 1) if a != b]
        return tuple(
            (self.vectors[begin], end - begin - 1) for begin, end in itertools.pairwise([0, *begins, len(self.vectors)])
        )

    @property
    def memory(self) -> str:
        """The stretches in hexadecimal, one a line: the number of steps behind the vector, then the vector."""
        line = f"%0{(self.width + _COUNT + 3) // 4}x\n"
        return "".join([line % (count << self.width | vector) for vector, count in self.stretches])

    @functools.cached_property
    def steps(self) -> tuple[int, ...]:
        """How many steps each line of a whole simulation shows."""
        if not self.edged:
            full, rest = divmod(len(self.vectors), _JOINED)
            return (_JOINED,) * full + (1,) * rest
        found: list[int] = []
        for _, count in self.stretches:
            found.append(1)
            if count:
                full, rest = divmod(count, _JOINED)
                found += [_JOINED] * full + [1] * rest
        return tuple(found)

    def trace(self, shown: str, width: int) -> str:
        """Return the outputs at every sample, `width` bits each, from what a simulation has shown of a design.

        Where no input changes, the sample before an edge is the one behind the edge before, and is not shown.
        """
        if not self.clock:
            return shown
        return "".join([shown[begin * width : end * width] for begin, end in self._windows])

    @functools.cached_property
    def _windows(self) -> tuple[tuple[int, int], ...]:
        """Which of the samples shown, one behind the other, are those before and behind the edge of each step."""
        found, begin, at = [], 0, 0
        for _, count in self.stretches:
            at += 2
            for _ in range(count):
                found.append((begin, at))
                begin, at = at - 1, at + 1
        return (*found, (begin, at))

    def step(self, sample: int) -> int:
        """Return the number of the vector that the inputs hold at a sample."""
        return sample // 2 if self.edged else sample

    def vector(self, sample: int) -> int:
        """Return what the inputs hold at a sample; clocks among them have not changed yet before an edge."""
        step = self.step(sample)
        if not self.clocks or sample % 2:
            return self.vectors[step]
        before = self.vectors[step - 1] if step else 0
        return (self.vectors[step] & ~self.mask) | (before & self.mask)

    def cycle(self, sample: int) -> int:
        """Return the clock cycle of a sample, or the number of its vector where there is no clock."""
        return self.step(sample) // 2 if self.edged else sample

    def level(self, sample: int) -> str:
        """Return the clock at a sample: "0" or "1", or "" where there is none."""
        return str((self.step(sample) + sample) % 2) if self.clock else ""

    def describe(self, sample: int) -> str:
        """Name the moment of a sample in words."""
        if self.clocks:
            return self._of_several(*divmod(sample, 2))
        if not self.clock:
            return f"vector {sample}"
        step, behind = divmod(sample, 2)
        edge = "falling" if step % 2 else "rising"
        return f"cycle {step // 2}, {'after' if behind else 'before'} the {edge} edge of {self.clock}"

    def _of_several(self, step: int, behind: int) -> str:
        now, before = self.vectors[step], self.vectors[step - 1] if step else 0
        moved = [(name, offset) for name, offset in self.clocks if (now ^ before) >> offset & 1]
        edges = [f"the {'rising' if now >> offset & 1 else 'falling'} edge of {name}" for name, offset in moved]
        return f"step {step}, {'after' if behind else 'before'} {' and '.join(edges) or 'the first edge'}"


@dataclasses.dataclass(frozen=True, slots=True)
class Names:
    """Random names of one run, which no candidate can know.

    `bench` is the bench module, `nonce` stands before each printed line, and `key` begins every name in the bench.
    """

    bench: str
    nonce: str
    key: str

    @classmethod
    def draw(cls) -> "Names":
        """Return fresh names."""
        return cls(f"b{secrets.token_hex(8)}", secrets.token_hex(8), f"k{secrets.token_hex(6)}_")

    @property
    def stimuli(self) -> str:
        """The file that the bench reads."""
        return f"{self.nonce}.hex"

    def instance(self, number: int) -> str:
        """Return the path of the instance of design `number`."""
        return f"{self.bench}.{self.key}u{number}"


def bench(
    interface: Interface,
    plan: Plan,
    modules: Sequence[str],
    names: Names,
    powers: Sequence[PowerUp] = (),
    *,
    ends: bool = True,
) -> str:
    """Return a bench that drives `modules` side by side and prints a line a step: nonce, samples of each module.

    `powers`, if there are any, belong to the modules one by one.

    Each module has nets of its own behind one-way buffers, so that what it drives against the bench reaches no other
    one. Whether it did so at a sample stands behind the last line's `end`, a bit for each module. `ends`: the
    simulation is over with this bench, beside which there is no other one.
    """
    k = names.key
    each = range(len(modules))
    sides = "".join(_side(interface, plan, module, i, names) for i, module in enumerate(modules))
    width = _JOINED * sum(p.width for p in interface.outputs)
    sides += "".join(f"  reg [{width - 1}:0] {k}h{i};\n" for i in each)
    body = f'$display("{names.nonce} begin"); $fflush; {_driven(plan, len(modules), names)}\n'
    flags = ", ".join(f"{k}d{i}" for i in range(len(modules)))
    body += f'    $display("{names.nonce} end %b", {{{flags}}});'
    begin = f" = {plan.width}'b0" if plan.clocks else ""
    inputs = f"  reg [{plan.width - 1}:0] {k}v{begin};\n  reg {k}c = 1'b0; reg [{_COUNT - 1}:0] {k}m;\n"
    before = before_stimuli(powers, k, _moments(plan, k)[0])
    return _frame(plan, names, inputs + sides + declared(powers, k), body, before, ends=ends)


def _driven(plan: Plan, count: int, names: Names) -> str:
    """Return the statements that drive `count` modules side by side and show their outputs: a line for `Plan.steps`."""
    k, each = names.key, range(count)

    def show(what: str, form: str = "%b") -> str:
        shown = ", ".join(what.replace("#", str(i)) for i in each)
        return f'$display("{names.nonce} {" ".join([form] * count)}", {shown});'

    look = " ".join(_look(plan, i, k) for i in each)
    keep = " ".join(f"{k}p{i} = {k}o{i};" for i in each)
    join = " ".join(f"{k}h{i} = {{{k}h{i}, {k}o{i}}};" for i in each)
    vector, edge = _moments(plan, k)
    if not plan.edged:
        full, rest = divmod(len(plan.vectors), _JOINED)
        step = f"#1 {vector} #1 {look} {k}i = {k}i + 1;"
        joined = f"repeat ({full}) begin repeat ({_JOINED}) begin {step} {join} end {show(f'{k}h#')} $fflush; end"
        return f"{k}i = 0; {joined} repeat ({rest}) begin {step} {show(f'{k}o#')} end"
    step = f"#2 {vector} #2 {keep} {look} #1 {edge} #2 {look} {show(f'{k}p#, {k}o#', '%b%b')}"
    held = f"#5 {edge} #2 {look}"  # as much time as a step with a new vector takes
    bits = _JOINED.bit_length() - 1
    joined = f"repeat ({_JOINED}) begin {held} {join} end {show(f'{k}h#')} $fflush;"
    joined = f"repeat ({k}m[{_COUNT - 1}:{bits}]) begin {joined} end"
    alone = f"repeat ({k}m[{bits - 1}:0]) begin {held} {show(f'{k}o#')} end"
    return _loop(len(plan.stretches), f"{step} {joined} {alone}" if plan.clock else step, k)


def bench_in_turns(interface: Interface, plan: Plan, modules: Sequence[str], names: Names, steps: int) -> str:
    """Return a bench that drives one module after the other for the first `steps` steps, and shows whose turn it is.

    It prints the nonce and the number of the module, again and again, and no sample.
    """
    k, parts, turns = names.key, [f"  reg [{_COUNT - 1}:0] {names.key}m;\n"], []
    begun = itertools.accumulate((1 + count for _, count in plan.stretches), initial=0)
    stretches = sum(1 for first in itertools.islice(begun, len(plan.stretches)) if first < steps)
    for i, module in enumerate(modules):
        v, c = f"{k}v{i}", f"{k}c{i}"
        parts.append(f"  reg [{plan.width - 1}:0] {v}{' = 0' if plan.clocks else ''}; reg {c} = 1'b0;\n")
        parts.append(_side(interface, plan, module, i, names, str(i)))
        show = f'$display("{names.nonce} {i}"); $fflush;'
        vector, edge = _moments(plan, k, str(i))
        step = f"#2 {vector} #3 {edge} #2;" if plan.edged else f"#1 {vector} #1;"
        if plan.clock:
            step += f" repeat ({k}m) begin #5 {edge} #2 {show} end"
        turns.append(f"{show} {_loop(stretches, step, k, show)}\n    ")
    return _frame(plan, names, "".join(parts), "".join(turns))


def _moments(plan: Plan, key: str, drive: str = "") -> tuple[str, str]:
    """Return the statements that set the inputs of a step, and those that make its edge, if it has one."""
    v, word = f"{key}v{drive}", f"{key}s[{key}i]"
    if not plan.clocks:
        return f"{{{key}m, {v}}} = {word};", f"{key}c{drive} = ~{key}c{drive};"
    mask = f"{plan.width}'h{plan.mask:x}"
    return f"{v} = ({word} & ~{mask}) | ({v} & {mask});", f"{v} = {word};"


def _side(interface: Interface, plan: Plan, module: str, number: int, names: Names, drive: str = "") -> str:
    """Return what belongs to instance `number` of `module`: its nets behind buffers, what is kept of it, itself.

    It is driven from the bench's variables `v` and `c`, with `drive` behind their names.
    """
    k, i = names.key, number
    total = sum(p.width for p in interface.outputs)
    clock = f" wire {k}k{i} = {k}c{drive};" if plan.clock else ""
    return (
        f"  wire [{total - 1}:0] {k}o{i}; reg [{total - 1}:0] {k}p{i}; reg {k}d{i} = 1'b0;\n"
        f"  wire [{plan.width - 1}:0] {k}b{i} = {k}v{drive};{clock}\n"
        f"{_weakly(interface, plan, k, i)}"
        f"  {spell(module)} {k}u{i} ({_connections(interface, plan, k, i)});\n"
    )


def _look(plan: Plan, number: int, key: str) -> str:
    """Return the statement that notes whether an instance holds its inputs at what the bench does not drive."""
    clock = f" || {key}k{number} !== {key}c" if plan.clock else ""
    return f"if ({key}b{number} !== {key}v{clock}) {key}d{number} = 1'b1;"


def _loop(steps: int, step: str, key: str, flush: str = "$fflush;") -> str:
    count = f"for ({key}i = 0; {key}i < {steps}; {key}i = {key}i + 1)"
    return f"{count} begin {step} if ({key}i % {_FLUSHED} == 0) begin {flush} end end"


def _frame(plan: Plan, names: Names, declarations: str, body: str, before: str = "", *, ends: bool = True) -> str:
    """Return a bench module around what it declares and what it does after the stimuli are read.

    `before` comes when all initial blocks have run, and before the first stimulus.
    """
    k = names.key
    begin = f'$readmemh("{names.stimuli}", {k}s);\n    #3; {before}#2;'
    end = "    $finish(0);\n" if ends else ""
    return (
        f"`timescale 1ns/1ns\nmodule {names.bench};\n"
        f"  reg [{plan.width + _COUNT - 1}:0] {k}s [0:{len(plan.stretches) - 1}];\n  integer {k}i;\n{declarations}"
        f"  initial begin\n    {begin} {body}\n{end}  end\nendmodule\n"
    )


def _connections(interface: Interface, plan: Plan, key: str, number: int) -> str:
    """Return the port list of instance `number`."""
    inputs = _places([p for p in interface.inputs if p.name != plan.clock], f"{key}b{number}")
    nets = inputs | _places(interface.outputs, f"{key}o{number}") | {plan.clock: f"{key}k{number}"}
    return ", ".join(f".{_spelt(port.name)}({nets[port.name]})" for port in interface.ports)


def _places(ports: Sequence[Port], vector: str) -> dict[str, str]:
    """Return which part of a vector, the first port in its highest bits, is each port's."""
    low, found = sum(p.width for p in ports), {}
    for port in ports:
        low -= port.width
        found[port.name] = f"{vector}[{low + port.width - 1}:{low}]"
    return found


def _weakly(interface: Interface, plan: Plan, key: str, number: int) -> str:
    """Return what drives ports of both directions: weaker than any design.

    So there is no contention: a design that drives one wins, and one that lets go of it shows what the bench drives.
    """
    values = _places([p for p in interface.inputs if p.name != plan.clock], f"{key}b{number}")
    nets = _places(interface.outputs, f"{key}o{number}")
    pairs = ((nets[port.name], values[port.name]) for port in interface.inouts)
    return "".join(f"  assign (pull1, pull0) {net} = {value};\n" for net, value in pairs)
