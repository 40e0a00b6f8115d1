"""Simulations that several tasks want at the same time, in one start of the tools.

    for result in answered_together([preparing(...), preparing(...)], shop): ...

Most of what a small simulation costs is the start of compiler and simulator. So what is wanted at once is compiled into
one program: each bench is a root of its own with its own designs, all under random names, reads its own stimuli, prints
behind its own nonce, and ends nothing but itself. Its designs see of the others what they see of their siblings in a
bench: nothing; and no candidate stands beside a reference. A simulation in which anything is unusual (an error, a
limit, a design that drives an input, a line that no bench has printed) counts for nobody: each piece of work then goes
on by itself, to its end, as if nothing had been tried.
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar, cast

from itertl.tools.icarus import Run, simulate_together
from itertl.tools.process import Limits
from itertl.tools.shop import Shop
from itertl.verify.batch import Asking, Staged, Wanted, alone

T = TypeVar("T")

_MOST_CPU = 5.0  # seconds of CPU time that such a simulation may take for the sake of all its parts
_MOST_START = 1.0  # of it before the first line, while the program is loaded
_STEP = 0.1  # seconds of CPU time in which some bench has to print something
_LONG = 4_000  # lines of a simulation that is worth a start of its own


def answered_together(askings: Sequence[Asking[T]], shop: Shop) -> Iterator[T]:
    """Yield what each of `askings` comes to, in their order, each as soon as it and those before are there."""
    ended: dict[int, T] = {}
    wanted: dict[int, Wanted] = {}

    def go_on(number: int, run: Run | None = None) -> None:
        try:
            wanted[number] = askings[number].send(run)
        except StopIteration as end:
            ended[number] = cast("T", end.value)

    for number in range(len(askings)):
        go_on(number)
    told = 0
    while told < len(askings):
        while told in ended:
            yield ended.pop(told)
            told += 1
        learning = {number: one for number, one in wanted.items() if one.rig.learns}
        asked = learning or dict(wanted)
        runs = _together(asked, shop)
        for number in sorted(asked):
            del wanted[number]
            if runs is not None:
                go_on(number, runs.get(number))
                continue
            ended[number] = alone(askings[number])
            while told in ended:
                yield ended.pop(told)
                told += 1


def _together(asked: Mapping[int, Wanted], shop: Shop) -> dict[int, Run] | None:
    """Return the runs of those simulations that may be one; None where that went wrong."""
    fit = {number: one for number, one in asked.items() if _fits(one)}
    if len(fit) < 2 or shop.settings is None:
        return {}
    staged = [Staged.of(one.rig, one.designs, powers=one.powers, ends=False) for one in fit.values()]
    limits = _limits(list(fit.values()))
    try:
        runs = simulate_together([each.piece for each in staged], shop, *limits)
    except OSError:
        return None
    if runs is None:
        return None
    read = {number: each.read(run) for number, each, run in zip(fit, staged, runs, strict=True)}
    return read if all(run.complete for run in read.values()) else None


def _fits(one: Wanted) -> bool:
    """True if nothing but what the guard knows is simulated, and not for long."""
    trusted = any(design.trusted or design.data for design in one.designs)
    return not trusted and len(one.rig.plan.lines) <= _LONG


def _limits(asked: Sequence[Wanted]) -> tuple[Limits, Limits]:
    """Return the limits for compiling and for running all of `asked` as one."""
    running = [one.running for one in asked]
    start = min(_MOST_START, sum(limits.start for limits in running))
    together = Limits(
        min(_MOST_CPU, sum(limits.cpu for limits in running)),
        min(limits.memory for limits in running),
        sum(limits.file for limits in running),
        step=_STEP,
        start=start + _STEP,
    )
    return dataclasses.replace(together, step=None), together
