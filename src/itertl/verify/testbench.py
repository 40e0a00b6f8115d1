"""The bench around designs, from their interface alone; nothing is run here.

    bench(interface, plan, modules, names)        # Verilog that drives `modules` side by side

The bench holds no expected value. It prints the outputs of each module, as bits, behind a nonce that is part of its
source; verdicts come from comparing the lines with those of the reference, outside of the simulation. Outputs are
sampled once for each vector of a combinational design, before and behind each clock edge of a clocked one.

A whole bench, of `top(input clk, input [1:0] d, output [1:0] x)` under three vectors, without the key before each name:

    `timescale 1ns/1ns
    module BENCH;
      reg [26:0] s [0:2];                                      // stimuli, as `Plan.memory` writes them
      integer i;                                               // which of them
      reg [1:0] v; reg c = 1'b0;                               // what drives all designs: the vector, the clock
      reg [2:0] q [0:0]; reg [26:0] y [0:0];                   // clock and vector that should stand there; the stimulus
      reg [31:0] h [0:0]; reg [15:0] g [0:0];                  // samples that a line will show; where only edges come
      wire [1:0] o0_0; reg d0 = 1'b0;                          // design 0: its output 0; has it driven its own inputs?
      wire [1:0] b0 = v; wire k0 = c; wire [2:0] a0 = {k0, b0}; // its vector and its clock, buffered; both
      top u0 (.clk(k0), .d(b0[1:0]), .x(o0_0));
      initial begin
        $readmemh("NONCE.hex", s);
        #3; #2; $display("NONCE begin"); $fflush;
        for (i = 0; i < 3; i = i + 1) begin
          y[0] = s[i]; q[0] = y[0]; v = y[0];                  // a vector
          #1 if (a0 !== q[0]) d0 = 1'b1; h[0] = {h[0], o0_0};  // look, and gather
          q[0] = q[0] + 3'h4; c = q[0][2];                     // an edge
          #1 if (a0 !== q[0]) d0 = 1'b1; h[0] = {h[0], o0_0};
          repeat (y[0][6:4]) begin                             // steps in which the clock alone changes
            q[0] = q[0] + 3'h4; c = q[0][2];
            #1 if (a0 !== q[0]) d0 = 1'b1; h[0] = {h[0], o0_0};
          end
          if (y[0][3]) begin $display("NONCE %b", h[0]); $fflush; end
        end
        $display("NONCE end %b", {d0});
        $finish(0);
      end
    endmodule

A combinational design gathers in `g` alone. More than two outputs are put together in `o0`. Where designs begin with
values of ours (beginning.py), `w` holds a variable, `r` what is drawn from seed `e`, `n` and `j` count words and bits,
and `f0_0` drives net 0 of design 0.
"""

import dataclasses
import functools
import itertools
import secrets
from collections.abc import Sequence

from itertl.verify.beginning import PowerUp, before_stimuli, declared
from itertl.verify.plan import COUNT, JOINED, SLOTS, Plan
from itertl.verilog.interface import Interface
from itertl.verilog.tokens import spell

_spelt = functools.lru_cache(maxsize=4096)(spell)  # of ports, which are the same again and again

_HELD = JOINED.bit_length() - 1  # bits of the number of such steps that are not shown in lines of their own
_UNROLLED, _OFTEN = 2, 500  # modules whose steps are written out, where they are many: a loop costs as much as a step
_PORTS, _NARROW = 2, 32  # read one by one; more outputs, and narrow inputs beside a clock, are put together by a net


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
    """Return a bench that drives `modules` side by side and prints `Plan.lines`: nonce, samples of each module.

    `powers`, if there are any, belong to the modules one by one.

    Each module has nets of its own behind one-way buffers, so that what it drives against the bench reaches no other
    one. Whether it did so at a sample stands behind the last line's `end`, a bit for each module. `ends`: the
    simulation is over with this bench, beside which there is no other one.
    """
    k = names.key
    sides = "".join(_side(interface, plan, module, i, names) for i, module in enumerate(modules))
    width = sum(p.width for p in interface.outputs)
    last = len(modules) - 1
    gathered = f"  reg [{SLOTS * width - 1}:0] {k}h [0:{last}]; reg [{JOINED * width - 1}:0] {k}g [0:{last}];\n"
    body = f'$display("{names.nonce} begin"); $fflush; {_driven(interface, plan, len(modules), names)}\n'
    flags = ", ".join(f"{k}d{i}" for i in range(len(modules)))
    body += f'    $display("{names.nonce} end %b", {{{flags}}});'
    before = before_stimuli(powers, k, _moments(plan, k)[0])
    return _frame(plan, names, _variables(plan, k) + gathered + sides + declared(powers, k), body, before, ends=ends)


def _driven(interface: Interface, plan: Plan, count: int, names: Names) -> str:
    """Return the statements that drive `count` modules side by side and show their outputs: the lines of `Plan.lines`.

    Samples are gathered in a variable for each module: what a simulator prints costs it more than what most designs do,
    and so do delays and reading a variable.
    """
    k, each = names.key, range(count)
    outputs = [_read(interface, k, i) for i in each]

    def gather(into: str) -> str:
        return " ".join(f"{k}{into}[{i}] = {{{k}{into}[{i}], {outputs[i]}}};" for i in each)

    def show(what: str) -> str:
        shown = ", ".join(f"{k}{what}[{i}]" for i in each)
        return f'$display("{names.nonce}{" %b" * count}", {shown}); $fflush;'

    def joined(step: str) -> str:
        often = count <= _UNROLLED and len(plan.lines) >= _OFTEN
        return f"{step} " * JOINED if often else f"repeat ({JOINED}) begin {step} end "

    look = " ".join(f"if ({_held(plan, k, i)} !== {k}q[0]) {k}d{i} = 1'b1;" for i in each)
    vector, edge = _moments(plan, k)
    if not plan.edged:
        full, rest = divmod(len(plan.vectors), JOINED)
        step = f"{vector} {k}i = {k}i + 1; #1 {look} {gather('g')}"
        last = f"repeat ({rest}) begin {step} end {show('g')}" if rest else ""
        return f"{k}i = 0; repeat ({full}) begin {joined(step)}{show('g')} end {last}"
    held, word = f"{edge} #1 {look}", f"{k}y[0]"
    low = plan.driven  # of the number of steps
    step = f"{vector} #1 {look} {gather('h')} {held} {gather('h')}"
    if plan.clock:
        step += f" repeat ({word}[{low + _HELD}:{low + 1}]) begin {held} {gather('h')} end"
    step += f" if ({word}[{low}]) begin {show('h')} end"
    if any(behind >= JOINED for _, behind in plan.stretches):
        several = f"{joined(' '.join((held, gather('g'))))}{show('g')}"
        step += f" repeat ({word}[{low + COUNT - 1}:{low + _HELD + 1}]) begin {several} end"
    return _loop(len(plan.stretches), step, k)


def bench_in_turns(interface: Interface, plan: Plan, modules: Sequence[str], names: Names, steps: int) -> str:
    """Return a bench that drives one module after the other for the first `steps` steps, and shows whose turn it is.

    It prints the nonce and the number of the module, again and again, and no sample.
    """
    k, parts, turns = names.key, [_variables(plan, names.key)], []
    begun = itertools.accumulate((1 + count for _, count in plan.stretches), initial=0)
    stretches = sum(1 for first in itertools.islice(begun, len(plan.stretches)) if first < steps)
    for i, module in enumerate(modules):
        parts.append(_variables(plan, k, str(i)))
        parts.append(_side(interface, plan, module, i, names, str(i)))
        show = f'$display("{names.nonce} {i}"); $fflush;'
        vector, edge = _moments(plan, k, str(i))
        step = f"{vector} #1 {edge} #1 {show}" if plan.edged else f"{vector} #1 {show}"
        if plan.clock:
            step += f" repeat ({k}y[0][{plan.driven + COUNT - 1}:{plan.driven + 1}]) begin {edge} #1 {show} end"
        turns.append(f"{show} {k}q[0] = 0; {_loop(stretches, step, k)}\n    ")
    return _frame(plan, names, "".join(parts), "".join(turns))


def _variables(plan: Plan, key: str, drive: str = "") -> str:
    """Return the declarations of what drives inputs; clocks are 0 before anything happens.

    `v` and `c` drive them. `q` holds the same, and `y` what is read of the stimuli: to read a word of an array costs a
    simulator much less than to read a variable.
    """
    begin = f" = {plan.width}'b0" if plan.clocks else ""
    own = f"  reg [{plan.width - 1}:0] {key}v{drive}{begin}; reg {key}c{drive} = 1'b0;\n"
    words = f"  reg [{plan.driven - 1}:0] {key}q [0:0]; reg [{plan.driven + COUNT - 1}:0] {key}y [0:0];\n"
    return own if drive else own + words


def _moments(plan: Plan, key: str, drive: str = "") -> tuple[str, str]:
    """Return the statements that set the inputs of a step, and those that make its edge, if it has one."""
    v, q, y = f"{key}v{drive}", f"{key}q[0]", f"{key}y[0]"
    vector = f"{y} = {key}s[{key}i];"
    if plan.clock:  # the highest bit of `q` turns over
        edge = f"{q} = {q} + {plan.driven}'h{1 << plan.width:x}; {key}c{drive} = {q}[{plan.width}];"
        return f"{vector} {q} = {y}; {v} = {y};", edge
    if not plan.clocks:
        return f"{vector} {q} = {y}; {v} = {y};", ""
    mask = f"{plan.width}'h{plan.mask:x}"
    return f"{vector} {q} = ({y} & ~{mask}) | ({q} & {mask}); {v} = {q};", f"{q} = {y}; {v} = {q};"


def _side(interface: Interface, plan: Plan, module: str, number: int, names: Names, drive: str = "") -> str:
    """Return what belongs to instance `number` of `module`: its nets behind buffers, what is kept of it, itself.

    It is driven from the bench's variables `v` and `c`, with `drive` behind their names.
    """
    k, i = names.key, number
    outputs = " ".join(f"wire [{p.width - 1}:0] {k}o{i}_{n};" for n, p in enumerate(interface.outputs))
    if len(interface.outputs) > _PORTS:
        total, parts = sum(p.width for p in interface.outputs), _outputs(interface, k, i).values()
        outputs += f" wire [{total - 1}:0] {k}o{i} = {{{', '.join(parts)}}};"
    clock = f" wire {k}k{i} = {k}c{drive};" if plan.clock else ""
    if plan.clock and plan.width <= _NARROW:
        clock += f" wire [{plan.width}:0] {k}a{i} = {{{k}k{i}, {k}b{i}}};"
    return (
        f"  {outputs} reg {k}d{i} = 1'b0;\n"
        f"  wire [{plan.width - 1}:0] {k}b{i} = {k}v{drive};{clock}\n"
        f"{_weakly(interface, plan, k, i)}"
        f"  {spell(module)} {k}u{i} ({_connections(interface, plan, k, i)});\n"
    )


def _read(interface: Interface, key: str, number: int) -> str:
    """Return what holds the outputs of an instance."""
    together = f"{key}o{number}"
    return together if len(interface.outputs) > _PORTS else ", ".join(_outputs(interface, key, number).values())


def _held(plan: Plan, key: str, number: int) -> str:
    """Return what stands at the inputs of an instance: the clock's is the highest bit."""
    if not plan.clock:
        return f"{key}b{number}"
    return f"{key}a{number}" if plan.width <= _NARROW else f"{{{key}k{number}, {key}b{number}}}"


def _loop(steps: int, step: str, key: str) -> str:
    return f"for ({key}i = 0; {key}i < {steps}; {key}i = {key}i + 1) begin {step} end"


def _frame(plan: Plan, names: Names, declarations: str, body: str, before: str = "", *, ends: bool = True) -> str:
    """Return a bench module around what it declares and what it does after the stimuli are read.

    `before` comes when all initial blocks have run, and before the first stimulus.
    """
    k = names.key
    begin = f"{k}q[0] = 0; " * bool(plan.clocks)  # several clocks begin at 0, as `v` has them
    begin += f'$readmemh("{names.stimuli}", {k}s);\n    #3; {before}#2;'
    end = "    $finish(0);\n" if ends else ""
    return (
        f"`timescale 1ns/1ns\nmodule {names.bench};\n"
        f"  reg [{plan.driven + COUNT - 1}:0] {k}s [0:{len(plan.stretches) - 1}];\n  integer {k}i;\n{declarations}"
        f"  initial begin\n    {begin} {body}\n{end}  end\nendmodule\n"
    )


def _connections(interface: Interface, plan: Plan, key: str, number: int) -> str:
    """Return the port list of instance `number`."""
    nets = _inputs(interface, plan, key, number) | _outputs(interface, key, number) | {plan.clock: f"{key}k{number}"}
    return ", ".join(f".{_spelt(port.name)}({nets[port.name]})" for port in interface.ports)


def _inputs(interface: Interface, plan: Plan, key: str, number: int) -> dict[str, str]:
    """Return which part of a vector, the first port in its highest bits, is each input's."""
    ports = [p for p in interface.inputs if p.name != plan.clock]
    low, found = sum(p.width for p in ports), {}
    for port in ports:
        low -= port.width
        found[port.name] = f"{key}b{number}[{low + port.width - 1}:{low}]"
    return found


def _outputs(interface: Interface, key: str, number: int) -> dict[str, str]:
    """Return the net of each output."""
    return {port.name: f"{key}o{number}_{n}" for n, port in enumerate(interface.outputs)}


def _weakly(interface: Interface, plan: Plan, key: str, number: int) -> str:
    """Return what drives ports of both directions: weaker than any design.

    So there is no contention: a design that drives one wins, and one that lets go of it shows what the bench drives.
    """
    values, nets = _inputs(interface, plan, key, number), _outputs(interface, key, number)
    pairs = ((nets[port.name], values[port.name]) for port in interface.inouts)
    return "".join(f"  assign (pull1, pull0) {net} = {value};\n" for net, value in pairs)
