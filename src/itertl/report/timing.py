"""Time per stage, out of the events of a run that may have been interrupted.

Contract: a stage's seconds are the sum over its attempts. An attempt that ended counts the seconds it reported; one
that was cut off counts the time from its start to the last event before it was started again (or of all, if never).

    python -c "from itertl.report.timing import duration; print(duration(4000))"
"""

import dataclasses
import re
from collections.abc import Iterable, Mapping
from typing import Any

from itertl.report.artefacts import number

STAGES = ("tasks", "policy", "candidates", "verdicts", "groups", "evaluation", "final")


@dataclasses.dataclass(frozen=True)
class Spent:
    """Seconds that `stage` took in `iteration` (None: outside of any) and how many attempts were cut off."""

    iteration: int | None
    stage: str
    seconds: float
    cut_off: int = 0


def time_spent(events: Iterable[Mapping[str, Any]]) -> list[Spent]:
    """Return the time of every stage in `events`, in the order of their first start."""
    seconds: dict[str, float] = {}
    cut_off: dict[str, int] = {}
    running: dict[str, float] = {}
    last: float | None = None
    for event in events:
        now, kind, stage = number(event.get("time")), str(event.get("event", "")), str(event.get("stage", ""))
        if kind == "stage_start" and stage and now is not None:
            if stage in running and last is not None:
                seconds[stage] += max(0.0, last - running[stage])
                cut_off[stage] = cut_off.get(stage, 0) + 1
            seconds.setdefault(stage, 0.0)
            running[stage] = now
        elif kind == "stage_end" and stage:
            start = running.pop(stage, now)
            known = number(event.get("seconds"))
            span = now - start if known is None and now is not None and start is not None else known
            seconds[stage] = seconds.get(stage, 0.0) + max(0.0, span or 0.0)
        last = now if now is not None else last
    for stage, start in running.items():
        seconds[stage] += max(0.0, (start if last is None else last) - start)
        cut_off[stage] = cut_off.get(stage, 0) + 1
    return [Spent(*_place(stage), spent, cut_off.get(stage, 0)) for stage, spent in seconds.items()]


def duration(seconds: float) -> str:
    """Return `seconds` as people say it: 0.4 s, 12 s, 3 min 20 s, 1 h 05 min."""
    if seconds < 9.95:
        return f"{seconds:.1f} s" if seconds % 1 else f"{seconds:.0f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min" + (f" {whole % 60} s" if whole % 60 else "")
    minutes = round(seconds / 60)
    return f"{minutes // 60} h" + (f" {minutes % 60:02d} min" if minutes % 60 else "")


def _place(stage: str) -> tuple[int | None, str]:
    """Split a path such as iter_01/candidates.jsonl into its iteration and its stage."""
    head, _, tail = stage.rstrip("/").rpartition("/")
    found = re.search(r"iter_(\d+)", head)
    return (int(found[1]) if found else None), tail.partition(".")[0] or stage
