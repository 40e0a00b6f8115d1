"""One verdict again, with the waves behind it: what was driven, what the reference answers and what the candidate.

    replay(task, code).samples[0]  ->  Sample(moment, cycle, clock, inputs, expected, got), bits with the highest first

Stimuli follow from the task and the settings alone, so they are those of every other verdict on the task.
"""

import dataclasses

from itertl.outcome import Outcome
from itertl.records import Task, Verdict
from itertl.tools.shop import find_tools
from itertl.verify.judged import Judged, Reference
from itertl.verify.moments import Sample, ports_of, sampler
from itertl.verify.settings import VerifySettings
from itertl.verify.workers.pool import Pool
from itertl.verify.workers.worker import Job
from itertl.verilog.interface import Port
from itertl.verilog.tokens import code_id


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
    ports, sample = ports_of(reference), sampler(reference, trace)
    return Replay(verdict, ports.clock, ports.inputs, ports.outputs, tuple(map(sample, range(reference.plan.samples))))
