"""Counts that stand in a candidate and not in its reference: further stimuli for one that has passed without them.

    approaches({"a": code}, reference_code, top)           ->  {"a": Approach(cycles=768, beyond={50000: "n"})}
    further(design, reference, seed, cycles, ...)   ->  Reference that drives that far, None where it cannot

The reference is what stimuli are looked for with, so state that a candidate has on top comes up by chance only. Such
a candidate is driven once more, behind a reset each time: every setting of the controls, every one-bit input held at 0
and at 1 with the others drawn, and all inputs drawn, for some cycles more than its counter needs, first for shorter
counts. All follows from the reference and from how far the candidate counts: who is judged beside it does not matter.
"""

import dataclasses
import itertools
import random
from collections.abc import Iterator, Mapping

from itertl.tools.shop import Shop
from itertl.verify.batch import Asking, Pace, Rig
from itertl.verify.compare import Expected, defined_bits
from itertl.verify.judged import Reference
from itertl.verify.plan import Plan
from itertl.verify.settings import VerifySettings
from itertl.verify.stimuli import RESET, Extra, Sequencer
from itertl.verify.walks import WAYS, Hold, settings
from itertl.verilog.counts import MOST, counts_of, read_counts
from itertl.verilog.guard import Accepted, Refusal
from itertl.verilog.interface import Interface

LADDER = (48, 96, 192, 384, 768, 1536, 3072, 6144)  # cycles of each stretch
_MOST = 16_000  # cycles of all stretches of one length
_SAMPLED_BITS = 12_000_000  # of all samples of the outputs
_MARGIN = 8  # cycles beyond the count
_NEAR = 2  # a number that is so close to one of the reference's is the same count
_BESIDE = 5  # cycles at the opposite setting before and behind
_SAID = 4  # facts about counts
_FRESH = WAYS.index("fresh")


@dataclasses.dataclass(frozen=True, slots=True)
class Approach:
    """How far a candidate has to be driven: `cycles` at a stretch, 0 for no further.

    Its `own` counts are those that the reference has not, `beyond` those of them that no stretch reaches. `cut`: not
    all of it was looked at.
    """

    cycles: int = 0
    beyond: Mapping[int, str] = dataclasses.field(default_factory=dict)
    own: Mapping[int, str] = dataclasses.field(default_factory=dict)
    cut: bool = False

    @classmethod
    def of(cls, own: Mapping[int, str], known: Mapping[int, str], cut: bool = False) -> "Approach":
        """Look at what a candidate counts to (`own`) and its reference, which counts to the `known`, does not.

        `cut`: the candidate may count to more, since it has more expressions than were looked at.
        """
        own = {n: name for n, name in own.items() if all(abs(n - k) > _NEAR for k in known)}
        beyond = {n: name for n, name in own.items() if n + _MARGIN > LADDER[-1]}
        most = max((n for n in own if n not in beyond), default=0)
        cycles = next(rung for rung in LADDER if most + _MARGIN <= rung) if most or beyond else 0
        return cls(cycles, beyond, own, cut)

    @property
    def unexercised(self) -> tuple[str, ...]:
        """What of the candidate is too far to be reached."""
        return _missed(self.beyond, self.cut)

    @property
    def nowhere(self) -> tuple[str, ...]:
        """What of the candidate is not reached where the reference cannot be driven so far."""
        return _missed(self.own, self.cut)


def _missed(counts: Mapping[int, str], cut: bool) -> tuple[str, ...]:
    """Return facts, few enough to be read."""
    found = [f"{name} of the design is not counted to {n}" for n, name in counts.items()]
    if len(found) > _SAID:
        found = [*found[: _SAID - 1], f"and {len(found) - _SAID + 1} more counts of the design"]
    return (*found, f"the design's counts are read from its first {MOST:,} expressions alone") if cut else tuple(found)


def approaches(codes: Mapping[str, str], reference: str, top: str) -> dict[str, Approach]:
    """Return how far to drive each of the designs that count to what their reference does not."""
    own = {i: counts for i, code in codes.items() if (counts := read_counts(code, top)).found or counts.cut}
    if not own:
        return {}
    known = counts_of(reference, top)
    each = {i: Approach.of(counts.found, known, counts.cut) for i, counts in own.items()}
    return {i: approach for i, approach in each.items() if approach.cycles or approach.cut}


def further(
    design: Accepted | Refusal, reference: Reference, seed: str, cycles: int, settings: VerifySettings, shop: Shop
) -> Asking[Reference | None]:
    """Return a reference, whose `design` is driven up to `cycles` at a stretch, as what designs are compared with."""
    if isinstance(design, Refusal):
        return None
    interface = reference.interface
    plan = approached(reference.plan, interface, seed, cycles)
    share = len(plan.vectors) / len(reference.plan.vectors)
    pace = Pace.of(settings, reference.pace.compiling, reference.pace.running * share)
    run = yield from Rig(interface, plan, shop, pace, learns=True).asking(design)
    if not run.complete or not defined_bits(run.traces[0]):
        return None
    return Reference(interface, plan, Expected.of(run.traces[0], interface.outputs), pace)


def approached(usual: Plan, interface: Interface, seed: str, cycles: int) -> Plan:
    """Return the plan that drives a clocked design for up to `cycles` at a stretch, in place of its `usual` one."""
    found: list[int] = []
    most = _SAMPLED_BITS // (4 * sum(p.width for p in interface.outputs))
    for length in LADDER[: LADDER.index(cycles) + 1]:
        spent = 0
        for number, extra in enumerate(_stretches(interface, length)):
            spent += extra.cycles
            if number and (spent > _MOST or len(found) // 2 + extra.cycles > most):
                break
            rng = random.Random(f"{seed} {length} {number}")
            found += Sequencer(interface, rng).extra(extra)
    return dataclasses.replace(usual, vectors=tuple(found))


def _stretches(interface: Interface, length: int) -> Iterator[Extra]:
    """Yield what is driven, each from a reset on: what shows most first."""
    chosen = settings(interface, random.Random(f"{interface.top} approach"))
    yield Extra("free", 0, RESET + length)
    every = max(chosen)
    for setting in chosen:
        other = Hold(every ^ setting, _FRESH, _BESIDE)
        yield Extra.of((other, Hold(setting, _FRESH, length), other))
    held = [p for p in interface.inputs if p.name not in interface.clocking.clocks]
    resets = {r.name for r in interface.clocking.resets}
    bits = [i for i, p in enumerate(held) if p.width == 1 and p.name not in resets]
    if len(bits) > 1:
        for index, level in itertools.product(bits, (1, 0)):
            yield Extra("fixed", 2 * index + level, RESET + length)
