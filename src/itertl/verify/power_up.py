"""What designs do when their power comes on with any values in their registers, as hardware does.

    from_random_values({"c1": accepted}, rig)  ->  {"c1": Run with two traces}
    settled_trace(reference, rig, trace)       ->  the trace, x where it depends on what registers begin with

A simulator begins with x where nothing resets a register, and `if (x)` takes the other branch: a design that is wrong
from every real beginning can look right. So what has passed, and holds anything undefined before the first stimulus, is
run twice more from random values, the second time from their opposites: each bit is 0 once and 1 once. Compared is what
the reference shows whatever its own registers begin with.
"""

import dataclasses
import random
from collections.abc import Mapping

from itertl.identity import digest
from itertl.tools.icarus import Run
from itertl.verify.batch import Rig
from itertl.verify.testbench import PowerUp
from itertl.verilog.frontend import elaborate, parse
from itertl.verilog.guard import Accepted
from itertl.verilog.state import Held, state_of

_OPPOSITES = 2  # pairs of beginnings from which the reference is run
_UNDEFINED = "x"


def settled_trace(reference: Accepted, rig: Rig, trace: str) -> str:
    """Return the reference's trace with x for each output that depends on what its registers begin with.

    Of such an output nothing is compared: a right design may take any of its beginnings. `trace` is what the reference
    shows from undefined values. Where it has no state, or cannot be started otherwise, that is all.
    """
    state = held_by(reference, rig.interface.top)
    if not state:
        return trace
    powers = [p for n in range(_OPPOSITES) for p in _pair(state, _seed(reference.code, n))]
    run = _run(rig, [reference] * len(powers), powers)
    if not run.complete:
        return trace
    settled = trace
    width, at = sum(p.width for p in rig.interface.outputs), 0
    for port in rig.interface.outputs:
        columns = range(at, at + port.width)
        if any(_differs(trace[c::width], other[c::width]) for other in run.traces for c in columns):
            settled = _without(settled, columns, width)
        at += port.width
    return settled


def _differs(column: str, other: str) -> bool:
    return column != other and any(a != b and a in "01" for a, b in zip(column, other, strict=True))


def _without(trace: str, columns: range, width: int) -> str:
    """Return the trace with x in some columns of all its samples."""
    bits = list(trace)
    for column in columns:
        bits[column::width] = _UNDEFINED * len(bits[column::width])
    return "".join(bits)


def from_random_values(designs: Mapping[str, Accepted], rig: Rig) -> dict[str, Run]:
    """Return the run of each of `designs` that holds anything at power-up, with the traces of both its beginnings.

    Where the simulator does not know the name of something, the variables of the top module alone are set; a design for
    which that does not help is left out.
    """
    states = {name: held_by(design, rig.interface.top) for name, design in designs.items()}
    wanted = {name: designs[name] for name, state in states.items() if state}
    powers = {name: _pair(states[name], _seed(design.code, 0)) for name, design in wanted.items()}
    runs: dict[str, Run] = {}
    if len(wanted) > 1:
        together = _run(rig, [d for d in wanted.values() for _ in range(2)], [p for n in wanted for p in powers[n]])
        if together.complete:
            pairs = zip(together.traces[::2], together.traces[1::2], strict=True)
            return {n: dataclasses.replace(together, traces=pair) for n, pair in zip(wanted, pairs, strict=True)}
    for name, design in wanted.items():
        run = _run(rig, [design] * 2, powers[name])
        if run.stage == "compile":
            outer = tuple(held for held in states[name] if not held.net and "." not in held.path)
            run = _run(rig, [design] * 2, _pair(outer, _seed(design.code, 0)))
        if run.stage != "compile" and not run.failed:
            runs[name] = run
    return runs


def held_by(design: Accepted, top: str) -> tuple[Held, ...]:
    """Return the state of a design that the guard has accepted."""
    tree = parse(design.plain.text)
    found = elaborate(tree, top, share_instances=False)
    return () if found.error or found.top is None else state_of(found.top)


def _run(rig: Rig, designs: list[Accepted], powers: list[PowerUp]) -> Run:
    compiling, running = rig.pace.of_group(len(designs))
    limits = rig.pace.limits
    compiling = dataclasses.replace(compiling, cpu=max(compiling.cpu, limits.cpu), step=None)
    running = dataclasses.replace(running, cpu=limits.cpu * len(designs), step=None)
    return rig.run(designs, compiling, running, powers=powers)


def _pair(state: tuple[Held, ...], seed: int) -> list[PowerUp]:
    return [PowerUp(state, seed), PowerUp(state, seed, inverted=True)]


def _seed(code: str, number: int) -> int:
    return random.Random(int(digest("power-up", code, str(number)), 16)).randrange(1, 1 << 31)
