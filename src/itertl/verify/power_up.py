"""What designs do when their power comes on with any values in their registers, as hardware does.

    from_random_values({"c1": accepted}, rig)  ->  {"c1": Run with two traces or more}
    settled_trace(reference, rig, trace)       ->  the trace, x where it depends on what registers begin with
    before_any_edge(trace, interface)          ->  the trace, x before the first edge where a reset acts at that edge

A simulator begins with x where nothing resets a register, and `if (x)` takes the other branch: a design that is wrong
from every real beginning can look right. So what has passed, and holds anything undefined before the first stimulus, is
run twice more from random values, the second time from their opposites: each bit is 0 once and 1 once; from all of
them, or more of them, where they are few. So is what has an x in a constant or on a net. Compared is what the reference
shows whatever its own registers begin with.
"""

import dataclasses
import functools
import itertools
import operator
import random
from collections.abc import Iterator, Mapping, Sequence

from itertl.identity import digest
from itertl.tools.icarus import Run
from itertl.verify.batch import Asking, Rig, Wanted, alone
from itertl.verify.beginning import PowerUp
from itertl.verify.compare import Expected, wrong_bits
from itertl.verilog.guard import Accepted
from itertl.verilog.interface import Interface
from itertl.verilog.rewrite.begun import Begun, begun
from itertl.verilog.state import Held

_FEW, _MANY = 2, 12  # pairs of beginnings from which the reference is run; many where its state is
_SMALL = 8  # bits or less, since of those a single value may be the one that shows
_ALL, _MORE = 4, 4  # bits of a design's state that take all values; pairs of beginnings where there are up to _SMALL
_UNDEFINED = "x"
_SETTING = 1e-5  # seconds of CPU time for setting a bit


def settled_trace(reference: Accepted, rig: Rig, trace: str) -> str:
    """Return the reference's trace with x for each output that depends on what its registers begin with.

    Of such an output nothing is compared: a right design may take any of its beginnings. `trace` is what the reference
    shows from undefined values. Where it has no state, or cannot be started otherwise, that is all.
    """
    return alone(settling_trace(reference, rig, trace))


def settling_trace(reference: Accepted, rig: Rig, trace: str) -> Asking[str]:
    """Do what `settled_trace` does, with whoever runs simulations."""
    sides = list(_sides(reference, rig, "z" in trace))
    if not sides:
        return trace
    run = yield from _run(rig, sides)
    if not run.complete:
        return trace
    outputs = rig.interface.outputs
    usual, settled = Expected.of(trace, outputs), trace
    depends = functools.reduce(operator.or_, (wrong_bits(usual, other) for other in run.traces))
    width, at = sum(p.width for p in outputs), 0
    for port in outputs:
        if depends & usual.masks.get(port.name, 0):
            settled = _without(settled, range(at, at + port.width), width)
        at += port.width
    return settled


def before_any_edge(trace: str, interface: Interface) -> str:
    """Return a reference's trace with x up to the first edge that it heeds, if a reset acts at that edge alone.

    Until then registers hold anything in hardware: what a two-state type makes of that, or an expression in which x
    and its opposite meet, is no wish of the author's. With asynchronous resets that holds for two-state types.
    """
    clocking = interface.clocking
    if len(clocking.clocks) != 1 or not any(clocking.binary or not reset.asynchronous for reset in clocking.resets):
        return trace
    samples = 1 if clocking.rising else 3  # four a cycle, before and behind the rising and the falling edge
    bits = samples * sum(p.width for p in interface.outputs)
    return _UNDEFINED * bits + trace[bits:]


def _without(trace: str, columns: range, width: int) -> str:
    """Return the trace with x in some columns of all its samples."""
    bits = list(trace)
    for column in columns:
        bits[column::width] = _UNDEFINED * len(bits[column::width])
    return "".join(bits)


def from_random_values(designs: Mapping[str, Accepted], rig: Rig, floating: bool = False) -> dict[str, Run]:
    """Return the run of each of `designs` in which anything is open, with the traces of both its beginnings.

    Where the simulator does not know the name of something, the variables of the top module alone are set; a design for
    which that does not help is left out. `floating`: outputs may be z, so nothing drives nets instead of designs.
    """
    return alone(running_from_random_values(designs, rig, floating))[0]


def running_from_random_values(
    designs: Mapping[str, Accepted], rig: Rig, floating: bool
) -> Asking[tuple[dict[str, Run], dict[str, tuple[str, ...]]]]:
    """Do what `from_random_values` does, with whoever runs simulations; say what of each design is too large to set."""
    started = {name: sides for name, d in designs.items() if (sides := _beginnings(d, rig, floating))}
    unset = {name: facts for name, sides in started.items() if (facts := _unset(sides[0].power.beyond))}
    runs: dict[str, Run] = {}
    if len(started) > 1:
        together = yield from _run(rig, [side for sides in started.values() for side in sides])
        if together.complete:
            traces = iter(together.traces)
            own = {name: tuple(itertools.islice(traces, len(sides))) for name, sides in started.items()}
            return {name: dataclasses.replace(together, traces=found) for name, found in own.items()}, unset
    for name, sides in started.items():
        run = yield from _run(rig, sides)
        if run.stage == "compile" or run.failed:
            run = yield from _run(rig, [_outer(side) for side in sides[:2]])
        if run.stage != "compile" and not run.failed:
            runs[name] = run
    return runs, unset


def _unset(paths: Sequence[str]) -> tuple[str, ...]:
    """Return a fact about what is too large to be given other values, "and 3 more" where that is much."""
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    return (f"{paths[0]}{more} always began undefined: too large to be given values at power-up",) if paths else ()


@dataclasses.dataclass(frozen=True, slots=True)
class _Side:
    """A design with what is open in it given values, and what the bench is to set; `whole` is the design as it was."""

    design: Accepted
    power: PowerUp
    whole: Accepted


def _pair(design: Accepted, rig: Rig, number: int, floating: bool) -> list[_Side] | None:
    """Return both sides of beginning `number` of a design, None where nothing in it is open."""
    drawn = random.Random(f"{_seed(design.code, number)}")
    found = begun(design.plain, rig.interface.top, lambda: drawn.randrange(2))
    if found is None:
        return None
    seed, state = _seed(design.code, number), _held(found, rig, floating)
    return [
        _Side(
            dataclasses.replace(design, plain=plain, tree=None),
            PowerUp(state, seed, inverted=bool(side), beyond=found.beyond),
            design,
        )
        for side, plain in enumerate(found.texts)
    ]


def _beginnings(design: Accepted, rig: Rig, floating: bool) -> list[_Side]:
    """Return the beginnings of a candidate: a pair, all that there are of a small state, or some more pairs.

    More than a pair only where all beginnings of the reference are known: else one may show what is open there, too.
    """
    first = _pair(design, rig, 0, floating)
    if first is None:
        return []
    clocking, bits = rig.interface.clocking, _bits(first)
    known = sum(width for _, width in clocking.registers) <= _ALL and not clocking.memories
    if not known or not 1 < bits <= _SMALL or first[0].design.plain != first[1].design.plain:
        return first
    if powers := _every(first):
        return powers
    drawn = [dataclasses.replace(side.power, seed=_seed(design.code, n)) for n in range(_MORE) for side in first]
    return [dataclasses.replace(first[0], power=power) for power in drawn]


def _bits(pair: Sequence[_Side]) -> int:
    return sum(held.bits for held in pair[0].power.state)


def _every(pair: Sequence[_Side]) -> list[_Side]:
    """Return a side for each value of a small state, none of another one; words of memories are drawn instead."""
    if _bits(pair) > _ALL or any(held.words for held in pair[0].power.state):
        return []
    values = range(1 << max(_bits(pair) - 1, 0))
    powers = (dataclasses.replace(side.power, value=value) for value in values for side in pair)
    return [dataclasses.replace(pair[0], power=power) for power in powers]


def _sides(reference: Accepted, rig: Rig, floating: bool) -> Iterator[_Side]:
    """Yield the beginnings of a reference, pair after pair."""
    first = _pair(reference, rig, 0, floating)
    if first is None:
        return
    state_alone = first[0].design.plain == first[1].design.plain
    if state_alone and (every := _every(first)):
        yield from every
        return
    yield from first
    small = _bits(first) <= _SMALL
    for number in range(1, _MANY if small else _FEW):
        if state_alone:
            seed = _seed(reference.code, number)
            yield from (dataclasses.replace(s, power=dataclasses.replace(s.power, seed=seed)) for s in first)
        else:
            yield from _pair(reference, rig, number, floating) or []


def _held(found: Begun, rig: Rig, floating: bool) -> tuple[Held, ...]:
    """Return the state to set: where outputs may float, no net that reaches one is driven for the design."""
    if not floating and not rig.interface.inouts:
        return found.state
    outer = {port.name for port in rig.interface.outputs}
    return tuple(h for h in found.state if not h.net or h.loop or not (h.driven or h.path in outer))


def _outer(side: _Side) -> _Side:
    """Return a side whose text is as it was, and of whose state the top module's variables alone are set."""
    state = tuple(held for held in side.power.state if not held.net and "." not in held.path)
    return dataclasses.replace(side, design=side.whole, power=dataclasses.replace(side.power, state=state))


def _run(rig: Rig, sides: Sequence[_Side]) -> Asking[Run]:
    compiling, running = rig.pace.of_group(len(sides))
    limits = rig.pace.limits
    compiling = dataclasses.replace(compiling, cpu=max(compiling.cpu, limits.cpu), step=None)
    setting = _SETTING * sum(held.bits for side in sides for held in side.power.state)
    running = dataclasses.replace(running, cpu=limits.cpu * len(sides) + setting, step=None)
    powers = tuple(side.power for side in sides)
    return (yield from Wanted(rig, tuple(side.design for side in sides), compiling, running, powers).run())


def _seed(code: str, number: int) -> int:
    return random.Random(int(digest("power-up", code, str(number)), 16)).randrange(1, 1 << 31)
