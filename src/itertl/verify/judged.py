"""What is known of a reference, and what is said of a design: the values that workers and their streams share.

Reference(interface, plan, expected, pace)          how a task is driven, and what its reference shows
Judged(verdict, samples, mismatches, ...)           a verdict with the facts that it rests on
"""

import dataclasses
from typing import Generic, TypeVar

from itertl.outcome import Outcome, Reason
from itertl.records import Synthesis, Verdict
from itertl.verify.batch import Pace
from itertl.verify.compare import Expected
from itertl.verify.plan import Plan
from itertl.verify.schematic.drawn import Schematic
from itertl.verify.stimuli import Extra
from itertl.verilog.interface import Interface

R = TypeVar("R", Verdict, Synthesis, Schematic)


@dataclasses.dataclass(frozen=True, slots=True)
class Known:
    """What simulating a reference gave: its trace, and the CPU seconds of the compiler and of the simulator.

    `settled` is what it shows before its extras whatever its registers begin with, `unexercised` what of it no stimulus
    has reached, in short facts.
    """

    trace: str
    compiling: float
    running: float
    extras: tuple[Extra, ...] = ()
    settled: str = ""
    unexercised: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Reference:
    """What is kept of a task's reference: how to drive it, its trace, and the limits that follow from its times.

    `settled` is what it shows before its extras whatever its registers begin with; None where that is nothing.
    """

    interface: Interface
    plan: Plan
    expected: Expected
    pace: Pace
    extras: tuple[Extra, ...] = ()
    opening: "Reference | None" = None  # the plan up to its extras, where it has some
    settled: Expected | None = None
    unexercised: tuple[str, ...] = ()

    @property
    def known(self) -> Known:
        """What need not be found out again."""
        settled = self.settled.trace if self.settled is not None else ""
        times = self.pace.compiling, self.pace.running
        return Known(self.expected.trace, *times, self.extras, settled, self.unexercised)


@dataclasses.dataclass(frozen=True, slots=True)
class Unfit:
    """Why a task's reference cannot serve as one, in a sentence, and the outcome of all its candidates."""

    fault: str
    outcome: Outcome = Outcome.TOOL_ERROR
    reason: Reason = Reason.UNFIT_REFERENCE


@dataclasses.dataclass(frozen=True, slots=True)
class Judged(Generic[R]):
    """What is said of one design, a verdict, what Yosys makes of it or its drawing, with the facts beside it.

    `samples` and `mismatches` are what a suite's bench counted. `trace` is what the verdict was read from, "" where
    nothing was simulated to its end, and `against` what it was compared with where that is not the whole bench: its
    opening, or a counterexample. A worker sends both only where they are asked for, and then `against` always. `learnt`
    is what simulating the task's reference gave, with the first design of a job for which that was done. `elsewhere`
    says that other versions of the tools than those here have judged: such a verdict is none for the cache here.
    """

    verdict: R
    samples: int = 0
    mismatches: int = 0
    trace: str = ""
    against: Reference | None = None
    learnt: Known | None = None
    elsewhere: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """The task and the design that this is about."""
        return self.verdict.task_id, self.verdict.code_id
