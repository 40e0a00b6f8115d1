"""What the events of a run tell: its attempts, its finished stages, and what is under way.

history = History.of(events)
history.finished    [Finished("iter_01/candidates.jsonl", 81.2, Done("samples", 480, 52_000, 80.9), True), ...]
history.running     {"iter_01/verdicts.jsonl": 17.0}        when its attempt began
"""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from itertl.report.parsing import number, whole


@dataclasses.dataclass(frozen=True, slots=True)
class Done:
    """What a job did by itself: units, tokens, and the seconds from its begin to its end."""

    unit: str
    units: int
    tokens: int
    seconds: float


@dataclasses.dataclass(frozen=True, slots=True)
class Finished:
    """A stage that is complete: its seconds, its last job, and whether one attempt did all of it."""

    stage: str
    seconds: float
    done: Done | None
    whole: bool


@dataclasses.dataclass
class History:
    """A run's attempts as its events tell them; times are seconds since 1970, None where nothing tells them."""

    started: float | None = None  # the last attempt
    last: float | None = None  # the last event
    end: str = ""  # how the last attempt ended: ended, stopped, failed, interrupted; "" while it runs
    message: str = ""
    finished: list[Finished] = dataclasses.field(default_factory=list)
    running: dict[str, float] = dataclasses.field(default_factory=dict)
    warnings: list[str] = dataclasses.field(default_factory=list)
    _begun: set[str] = dataclasses.field(default_factory=set)
    _job: dict[bool, Done | None] = dataclasses.field(default_factory=dict)  # the last one, here and beside

    @classmethod
    def of(cls, events: Iterable[Mapping[str, Any]]) -> "History":
        """Return what `events` tell, in their order; odd ones do no harm."""
        history = cls()
        for event in events:
            history.hear(event)
        return history

    def hear(self, event: Mapping[str, Any]) -> None:
        """Take note of one more event."""
        kind, stage, now = event.get("event"), str(event.get("stage", "")), number(event.get("time"))
        self.last = now if now is not None else self.last
        side = bool(event.get("beside"))
        match kind:
            case "run_start":
                self.started, self.end, self.message, self._job = now, "", "", {}
                self._break_off()
            case "run_end":
                self.end, self.message = str(event.get("how", "ended")), str(event.get("message", ""))
                self._break_off()
            case "stage_start" if stage:
                if event.get("done"):
                    self._begun.add(stage)
                self.running[stage] = now or 0.0
                self._job[side] = None
            case "job_end":
                self._job[side] = Done(
                    str(event.get("unit", "")),
                    whole(event.get("units")),
                    whole(event.get("tokens")),
                    number(event.get("seconds")) or 0.0,
                )
            case "stage_end" if stage:
                seconds = number(event.get("seconds")) or 0.0
                self.finished.append(Finished(stage, seconds, self._job.get(side), stage not in self._begun))
                self.running.pop(stage, None)
                self._job[side] = None
            case "warning":
                self.warnings.append(str(event.get("message", "")))

    def _break_off(self) -> None:
        """Remember what an attempt leaves unfinished: what ends later tells the seconds of its last part only."""
        self._begun |= set(self.running)
        self.running.clear()
