"""How long the rest of a run will take: what its finished stages took, carried over to those that are to come.

    seconds of a stage = (seconds of the finished stages of its kind / what they were foreseen to make) * what it is to

What a stage is foreseen to make is the most that it can (samples that repeat a design are verified once), and dividing
by the same measure takes that back. A stage under way has what its own job tells, once that has done a few: the first
one takes as long as the workers need to start.
"""

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from itertl.disk.outline import in_all
from itertl.disk.pulse import Told
from itertl.live.history import History
from itertl.report.parsing import number, whole

FEW = 3  # of what a job makes, before its own rate says more than finished stages of its kind
TAKES_TIME = ("samples", "verdicts", "steps")  # units of the stages without which a sum says little


@dataclasses.dataclass(frozen=True, slots=True)
class Foreseen:
    """A stage to come: its artefact, how many of what it makes at most, seconds that runs beside this one foretell."""

    stage: str
    amount: int | None = None
    unit: str = ""
    seconds: float | None = None
    beside: int = 0  # as in `itertl.disk.outline.Stage`

    @property
    def kind(self) -> str:
        """What stages of a kind share: the name of their artefact."""
        return Path(self.stage).name.partition(".")[0]

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Foreseen":
        """Return what a row of foreseen.jsonl holds."""
        amount = number(row.get("amount"))
        return cls(
            str(row.get("stage", "")),
            None if amount is None else int(amount),
            str(row.get("unit", "")),
            number(row.get("seconds")),
            whole(row.get("beside")),
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Left:
    """Seconds that a run still takes, and whether that counts all of its stages that take long."""

    seconds: float
    whole: bool


def time_left(foreseen: Sequence[Foreseen], history: History, jobs: Iterable[Told], now: float) -> Left | None:
    """Return what the stages that are not finished will take; None where nothing is foreseen, or nothing is known."""
    rate, mean = _measured(foreseen, history)
    done = {finished.stage for finished in history.finished}
    own = {(job.unit, job.aside): job for job in jobs}
    found, complete = list[tuple[int, float]](), True
    for stage in foreseen:
        if stage.stage in done:
            continue
        expected = _expected(stage, rate, mean)
        begun = history.running.get(stage.stage)
        same = own.get((stage.unit, stage.beside > 0))
        job = same if begun is not None else None
        if job is not None and job.left is not None and (job.done >= FEW or expected is None):
            expected = job.left
        elif begun is not None and expected is not None:
            expected = max(0.0, expected - (now - begun))
        elif expected is None and same is not None and stage.amount and same.rate:
            expected = stage.amount / same.rate
        if expected is None:
            complete = complete and stage.unit not in TAKES_TIME
            continue
        found.append((stage.beside, expected))
    return Left(in_all(found), complete) if found else None


def _expected(stage: Foreseen, rate: Mapping[str, float], mean: Mapping[str, float]) -> float | None:
    if stage.amount is not None and stage.kind in rate:
        return stage.amount * rate[stage.kind]
    return mean.get(stage.kind) if stage.seconds is None else stage.seconds


def _measured(foreseen: Iterable[Foreseen], history: History) -> tuple[dict[str, float], dict[str, float]]:
    """Return, by kind, the seconds for one of what stages were foreseen to make, and the mean seconds of a stage."""
    amounts = {stage.stage: stage for stage in foreseen}
    spent, made = defaultdict[str, float](float), defaultdict[str, int](int)
    each = defaultdict[str, list[float]](list)
    for finished in history.finished:
        if not finished.whole:
            continue
        stage = amounts.get(finished.stage, Foreseen(finished.stage))
        each[stage.kind].append(finished.seconds)
        if stage.amount:
            spent[stage.kind] += finished.seconds
            made[stage.kind] += stage.amount
    rate = {kind: spent[kind] / made[kind] for kind in spent}
    return rate, {kind: sum(values) / len(values) for kind, values in each.items()}
