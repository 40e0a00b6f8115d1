"""Simulations of a task's accepted designs: side by side where they can be, each with the run it would have had alone.

    Rig(interface, plan, shop, pace).settle(designs)  ->  {code_id: Run}

A group that runs to its end needs nothing else. One that does not compile gives up the designs on whose lines the
compiler's errors stand, and each of these runs alone. One that gets stuck is driven again, design after design, so
that it shows whose turn never ends. Whatever else goes wrong halves the group. What holds alone decides: a group is
given no more than one of its designs, and is taken apart sooner.
"""

import dataclasses
import secrets
import time
from collections.abc import Generator, Mapping, Sequence
from typing import TypeAlias, TypeVar, cast

from pyslang.parsing import TokenKind

from itertl.tools.icarus import Piece, Run, Understood, simulate
from itertl.tools.process import Limits, Stop
from itertl.tools.shop import Shop
from itertl.verify.beginning import PowerUp
from itertl.verify.plan import Plan
from itertl.verify.settings import VerifySettings
from itertl.verify.testbench import Names, bench, bench_in_turns
from itertl.verilog.guard import Accepted
from itertl.verilog.interface import Interface
from itertl.verilog.tokens import tokens

T = TypeVar("T")
Asking: TypeAlias = Generator["Wanted", Run | None, T]  # work that yields what it wants simulated, and comes to a T

_COMPILE_FLOOR = 0.1  # seconds of CPU time that compiling a group may take, beside multiples of the reference's
_PER_DESIGN = 4.0  # times the reference's compile time
_SHARE = 0.7  # of the limit of one design that a group of designs like the reference should need
_SOONER = 5.0  # a group counts as stuck so many times sooner than a design alone
_MARGIN = 24  # steps that may be missing in what a stuck simulation has written
_LOOPS = frozenset(
    {
        TokenKind.WhileKeyword,
        TokenKind.ForKeyword,
        TokenKind.RepeatKeyword,
        TokenKind.ForeverKeyword,
        TokenKind.DoKeyword,
    }
)


@dataclasses.dataclass(frozen=True, slots=True)
class Pace:
    """What simulations may take: `limits` of a design alone; the reference's CPU seconds to compile and to run."""

    limits: Limits
    compiling: float
    running: float
    retries: int = 0

    @classmethod
    def of(cls, settings: VerifySettings, compiling: float, running: float) -> "Pace":
        """Return the limits that follow from the reference's own times."""
        cpu = max(settings.cpu_floor, settings.cpu_factor * (compiling + running))
        step = max(settings.cpu_step, 2.0 * running)
        limits = dataclasses.replace(settings.limits(cpu), step=step)
        return cls(limits, compiling, running, settings.retries)

    @property
    def most(self) -> int:
        """How many designs like the reference fit into one simulation."""
        return max(1, int(_SHARE * self.limits.cpu / max(self.running, 1e-6)))

    def of_group(self, count: int) -> tuple[Limits, Limits]:
        """Return the limits for compiling and for running `count` designs side by side."""
        step = max((self.limits.step or self.limits.cpu) / _SOONER, self.running)
        file = self.limits.file * count
        running = dataclasses.replace(self.limits, step=step, start=count * self.running, file=file)
        return dataclasses.replace(running, cpu=_COMPILE_FLOOR + count * _PER_DESIGN * self.compiling), running


@dataclasses.dataclass(frozen=True, slots=True)
class Rig:
    """How the designs of one task are driven, where, and within which limits; `learns`: they are its reference."""

    interface: Interface
    plan: Plan
    shop: Shop
    pace: Pace
    learns: bool = False

    def settle(self, designs: Mapping[str, Accepted]) -> dict[str, Run]:
        """Return the run of each design; a completed one holds its trace alone."""
        return alone(self.settling(designs))

    def settling(self, designs: Mapping[str, Accepted]) -> Asking[dict[str, Run]]:
        """Do what `settle` does, with whoever runs simulations."""
        names = list(designs)
        runs: dict[str, Run] = {}
        for at in range(0, len(names), self.pace.most):
            runs |= yield from self._settle({name: designs[name] for name in names[at : at + self.pace.most]})
        return runs

    def _settle(self, designs: dict[str, Accepted], fails: bool = False) -> Asking[dict[str, Run]]:
        """Settle a group; `fails` says that as a whole it is known to fail."""
        if len(designs) < 2:
            found = {}
            for name, design in designs.items():
                found[name] = yield from self.asking(design)
            return found
        names = list(designs)
        if not fails:
            run = yield from Wanted(self, tuple(designs.values()), *self.pace.of_group(len(designs))).run()
            if run.refused:  # nothing that happened beside a design that fights the bench is believed
                return {name: self.alone(design) for name, design in designs.items()}
            if run.complete:
                share = run.seconds / len(names)
                return {
                    name: dataclasses.replace(run, traces=(trace,), seconds=share)
                    for name, trace in zip(names, run.traces, strict=True)
                }
            if found := self._blamed(designs, run):
                rest = {name: design for name, design in designs.items() if name not in found}
                return found | (yield from self._settle(rest))
        first, second = _part(designs)
        runs = yield from self._settle(first)
        return runs | (yield from self._settle(second, fails=all(run.complete for run in runs.values())))

    def _blamed(self, designs: dict[str, Accepted], run: Run) -> dict[str, Run]:
        """Return the runs of the designs that, as far as a failed run tells, made it fail."""
        names = list(designs)
        if run.stage == "compile" and run.stop is Stop.EXIT and len(run.at_fault) < len(names):
            return {names[i]: self.alone(designs[names[i]]) for i in run.at_fault}
        if run.stop is Stop.STUCK and run.lines:
            last = min(sum(steps for steps, *_ in self.plan.lines[: run.lines]) + _MARGIN, len(self.plan.vectors))
            turns = self.run(list(designs.values()), self.pace.of_group(len(names))[0], self.pace.limits, last)
            if turns.stop is Stop.STUCK and turns.last.isdecimal():
                return {names[int(turns.last)]: turns}
        return {}

    def alone(self, design: Accepted) -> Run:
        """Simulate one design; what is no fault of its own is tried again."""
        return alone(self.asking(design))

    def asking(self, design: Accepted) -> Asking[Run]:
        """Do what `alone` does, with whoever runs simulations."""
        limits = self.pace.limits
        for _ in range(self.pace.retries + 1):
            run = yield from Wanted(self, (design,), dataclasses.replace(limits, step=None), limits).run()
            if not run.failed:
                break
        return run

    def run(
        self,
        designs: Sequence[Accepted],
        compiling: Limits,
        running: Limits,
        turns: int = 0,
        powers: Sequence[PowerUp] = (),
    ) -> Run:
        """Simulate `designs` under random names: side by side, or in turns for the first `turns` steps each.

        `powers` say what the state of each begins with, where that is not what simulators begin with.
        """
        started = time.perf_counter()
        staged = Staged.of(self, designs, turns, powers)
        files = dict(file for design in designs for file in design.data)
        run = simulate(staged.piece, self.shop, compiling, running, tuple(files.items()))
        return dataclasses.replace(staged.read(run), seconds=time.perf_counter() - started)


@dataclasses.dataclass(frozen=True, slots=True)
class Wanted:
    """A simulation of `designs`, side by side, that somebody waits for: its run is the answer."""

    rig: Rig
    designs: tuple[Accepted, ...]
    compiling: Limits
    running: Limits
    powers: tuple[PowerUp, ...] = ()

    def run(self) -> Asking[Run]:
        """Return the run that somebody has sent, or, where nobody does, that of these designs by themselves."""
        sent = yield self
        return sent or self.rig.run(self.designs, self.compiling, self.running, powers=self.powers)


def alone(asking: Asking[T]) -> T:
    """Return what `asking` comes to; each simulation that it wants is run by itself."""
    try:
        while True:
            next(asking)
    except StopIteration as end:
        return cast("T", end.value)


@dataclasses.dataclass(frozen=True, slots=True)
class Staged:
    """Designs in a bench, all under random names, ready to be simulated."""

    rig: Rig
    piece: Piece
    names: Names
    prefixes: tuple[str, ...]
    designs: tuple[Accepted, ...]

    @classmethod
    def of(
        cls, rig: Rig, designs: Sequence[Accepted], turns: int = 0, powers: Sequence[PowerUp] = (), ends: bool = True
    ) -> "Staged":
        """Write the bench around `designs`; the rest as for `Rig.run` and `bench`."""
        names, interface, plan = Names.draw(), rig.interface, rig.plan
        prefixes = tuple(f"m{secrets.token_hex(6)}_" for _ in designs)
        modules = [prefix + interface.top for prefix in prefixes]
        if turns:
            driver = bench_in_turns(interface, plan, modules, names, turns)
        else:
            driver = bench(interface, plan, modules, names, powers, ends=ends)
        parts = [driver, *(d.renamed(p) for d, p in zip(designs, prefixes, strict=True))]
        trees = {
            f"{names.key}u{i}": Understood(i, prefix, design.tree)
            for i, (design, prefix) in enumerate(zip(designs, prefixes, strict=True))
            if design.tree is not None
        }
        piece = Piece(parts, names.bench, plan.memory, len(plan.lines), names.nonce, trees)
        return cls(rig, piece, names, prefixes, tuple(designs))

    def read(self, run: Run) -> Run:
        """Return the run with its traces at every sample, and its message without names that nobody knows."""
        message, plan = run.message, self.rig.plan
        if len(self.designs) == 1:
            message = self.designs[0].told(message)
        for prefix in self.prefixes:
            message = message.replace(prefix, "")
        for number in range(len(self.prefixes)):
            message = message.replace(f"{self.names.instance(number)}.", "")
        width = sum(p.width for p in self.rig.interface.outputs)
        traces = tuple(plan.trace(shown, width) for shown in run.traces)
        if any(len(trace) != plan.samples * width for trace in traces):
            traces, message = (), message or "damaged output"
        return dataclasses.replace(run, message=message, traces=traces)


def _part(designs: dict[str, Accepted]) -> tuple[dict[str, Accepted], dict[str, Accepted]]:
    """Split a group in two: those with a loop from those without one, else halves."""
    loops = {n: d for n, d in designs.items() if any(t.kind in _LOOPS for t in tokens(d.code))}
    if 0 < len(loops) < len(designs):
        return {n: d for n, d in designs.items() if n not in loops}, loops
    half = len(designs) // 2
    items = list(designs.items())
    return dict(items[:half]), dict(items[half:])
