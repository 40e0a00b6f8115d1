"""One verdict again, with the waves behind it: what was driven, what the reference answers and what the candidate.

    replay(task, code).samples[0]  ->  Sample(moment, cycle, clock, inputs, expected, got), bits with the highest first

Stimuli follow from the task and the settings alone, so they are those of every other verdict on the task.
"""

import dataclasses

from itertl.outcome import Outcome
from itertl.records import Task, Verdict
from itertl.tools.icarus import find_tools
from itertl.verify.judged import Judged, Reference
from itertl.verify.settings import VerifySettings
from itertl.verify.workers.pool import Pool
from itertl.verify.workers.worker import Job
from itertl.verilog.interface import Port
from itertl.verilog.tokens import code_id


@dataclasses.dataclass(frozen=True, slots=True)
class Sample:
    """One moment of comparison: `clock` is 0, 1, or "" without a clock; the rest are values by port, in their order.

    `cycle` is the clock cycle, or the number of the vector where there is no clock.
    """

    moment: str
    cycle: int
    clock: str
    inputs: tuple[str, ...]
    expected: tuple[str, ...]
    got: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Replay:
    """A verdict and its samples, none where the candidate gave no trace.

    `inputs` leaves the clock out; `clock` is its name, "" where there is none.
    """

    verdict: Verdict
    clock: str = ""
    inputs: tuple[Port, ...] = ()
    outputs: tuple[Port, ...] = ()
    samples: tuple[Sample, ...] = ()


def replay(task: Task, code: str, settings: VerifySettings = VerifySettings()) -> Replay:  # noqa: B008 - frozen
    """Judge `code` and return its waves; raise MissingToolError where Icarus Verilog is not installed."""
    find_tools()
    key = (task.id, code_id(task.id, code))
    if not code:
        return Replay(Verdict(*key, Outcome.EMPTY, detail="no complete module in the completion"))
    arrived: list[Judged[Verdict]] = []
    with Pool[Verdict](dataclasses.replace(settings, workers=1)) as pool:
        pool.submit(Job(task, ((key[1], code),), settings, waves=True))
        while not arrived:
            arrived = pool.collect(None)
    (judged,) = arrived
    if not judged.trace or judged.against is None:
        return Replay(judged.verdict)
    return _samples(judged.verdict, judged.against, judged.trace)


def _samples(verdict: Verdict, reference: Reference, trace: str) -> Replay:
    plan, outputs = reference.plan, reference.interface.outputs
    inputs = tuple(p for p in reference.interface.inputs if p.name != plan.clock)
    width = reference.expected.width
    samples = []
    for number in range(plan.samples):
        span = slice(number * width, (number + 1) * width)
        expected, got = _split(reference.expected.trace[span], outputs), _split(trace[span], outputs)
        place = (plan.describe(number), plan.cycle(number), plan.level(number))
        samples.append(Sample(*place, _split(f"{plan.vector(number):0{plan.width}b}", inputs), expected, got))
    return Replay(verdict, plan.clock, inputs, outputs, tuple(samples))


def _split(bits: str, ports: tuple[Port, ...]) -> tuple[str, ...]:
    values, at = [], 0
    for port in ports:
        values.append(bits[at : at + port.width])
        at += port.width
    return tuple(values)
