"""The bench around designs, from their interface alone; nothing is run here.

    bench(interface, plan, modules, names)        # Verilog that drives `modules` side by side
    plan.memory                                   # the stimuli, for $readmemh

The bench holds no expected value. It prints the outputs of each module, as bits, behind a nonce that is part of its
source; verdicts come from comparing the lines with those of the reference, outside of the simulation. Outputs are
sampled once for each vector of a combinational design, before and behind each clock edge of a clocked one.
"""

import dataclasses
from collections.abc import Sequence

from itertl.verilog.guard import spell
from itertl.verilog.interface import Interface

_FLUSHED = 8  # steps between two flushes of what the bench prints: how finely its progress shows
_NUMBER = "\0"  # in no identifier


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
