"""Time per stage, out of the events of a run that may have been interrupted.

Contract: a stage's seconds are the sum over its attempts. An attempt that ended counts the seconds it reported. One
that was cut off counts its share of the time up to the last event before the run went on, or of all: stages that run
side by side share alike. A stage that starts although it is running shows that the run was started again.

    python -c "from itertl.report.timing import duration; print(duration(4000))"
"""

import dataclasses
import re
from collections.abc import Iterable, Mapping
from typing import Any

from itertl.report.parsing import number

STAGES = ("tasks", "base", "candidates", "verdicts", "groups", "policy", "evaluation", "final")


@dataclasses.dataclass(frozen=True)
class Spent:
    """Seconds that `stage` took in `iteration` (None: outside of any) and how many attempts were cut off."""

    iteration: int | None
    stage: str
    seconds: float
    cut_off: int = 0


def time_spent(events: Iterable[Mapping[str, Any]]) -> list[Spent]:
    """Return the time of every stage in `events`, in the order of their first start."""
    spent: dict[str, Spent] = {}
    running: dict[str, float] = {}  # seconds of the attempts under way

    def add(path: str, seconds: float, cut_off: int) -> None:
        key = "/".join(map(str, place(path)))
        old = spent.get(key, Spent(*place(path), 0.0))
        spent[key] = dataclasses.replace(old, seconds=old.seconds + max(0.0, seconds), cut_off=old.cut_off + cut_off)

    def cut_all() -> None:
        for path, seconds in running.items():
            add(path, seconds, 1)
        running.clear()

    last: float | None = None
    for event in events:
        now, kind, path = number(event.get("time")), str(event.get("event", "")), str(event.get("stage", ""))
        if kind == "stage_start" and path in running:
            cut_all()
        elif now is not None and last is not None:
            for other in running:
                running[other] += max(0.0, now - last) / len(running)
        if kind == "stage_start" and path:
            add(path, 0.0, 0)
            running[path] = 0.0
        elif kind == "stage_end" and path:
            estimate = running.pop(path, 0.0)
            known = number(event.get("seconds"))
            add(path, estimate if known is None else known, 0)
        last = now if now is not None else last
    cut_all()
    return list(spent.values())


def place(path: str) -> tuple[int | None, str]:
    """Return the iteration and the stage that the time of an artefact belongs to.

    iter_02/groups.jsonl -> (2, groups); what is drawn and measured on dev -> (2, evaluation), on any other suite ->
    (None, final).
    """
    head, _, tail = path.rstrip("/").rpartition("/")
    found = re.fullmatch(r"iter_(\d+)(?:/(.+))?", head)
    stage = tail.partition(".")[0] or path
    if found is None:
        return None, stage
    if found[2] is None or found[2] == "dev":
        return int(found[1]), "evaluation" if found[2] else stage
    return None, "final"


def duration(seconds: float) -> str:
    """Return `seconds` as people say it: 0.4 s, 12 s, 3 min 20 s, 1 h 05 min."""
    if seconds < 9.95:
        return f"{seconds:.1f} s" if round(seconds, 1) % 1 else f"{seconds:.0f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min" + (f" {whole % 60} s" if whole % 60 else "")
    minutes = round(seconds / 60)
    return f"{minutes // 60} h" + (f" {minutes % 60:02d} min" if minutes % 60 else "")
