"""A picture of a run at a moment, out of its files: how it stands, what is under way, what came out so far.

    look = Look(Path("runs/quickstart"))
    picture = look()                          again and again: only what has changed is read

A run is killed where its process is gone and nothing tells of its end.
"""

import dataclasses
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from itertl.disk import names
from itertl.disk.artefacts import PARTIAL
from itertl.disk.pulse import Pulse, Told, read_pulse
from itertl.errors import UsageError
from itertl.live.forecast import Foreseen, Left, time_left
from itertl.live.history import Finished, History
from itertl.report.parsing import config_of, decoded, evaluation_of, object_of, rows

LATEST = 200  # verdicts that the last samples are told by
TAIL_BYTES = 256 * 1024
RUNNING, KILLED, UNKNOWN = "running", "killed", "unknown"  # besides what `History.end` says


@dataclasses.dataclass(frozen=True)
class Picture:
    """What is known of a run; `scores` has pass@1 on dev by iteration, `outcomes` those of the last samples."""

    root: Path
    name: str
    state: str
    message: str
    elapsed: float | None
    left: Left | None
    jobs: tuple[Told, ...]
    under_way: tuple[str, ...]
    finished: tuple[Finished, ...]
    stages: tuple[int, int]  # done, all that are foreseen
    scores: dict[int, float]
    outcomes: Counter[str]
    judged: str  # where these outcomes come from
    complete: bool

    def score_of(self, stage: str) -> tuple[float, float | None] | None:
        """Return pass@1 of a finished evaluation on dev and its change, None for any other stage."""
        folder, _, name = stage.partition("/")
        if name != f"dev/{names.EVALUATION}" or not folder[5:].isdigit():
            return None
        t = int(folder[5:])
        if t not in self.scores:
            return None
        before = [self.scores[i] for i in sorted(self.scores) if i < t]
        return self.scores[t], self.scores[t] - before[-1] if before else None


class Look:
    """Looks at a run directory again and again."""

    def __init__(self, root: Path, now: Callable[[], float] = time.time) -> None:
        """Raise UsageError where `root` holds no run."""
        if not (root / names.CONFIG).is_file():
            raise UsageError(_nothing(root))
        self.root, self._now = root, now
        self._events = _Growing(root / names.EVENTS)
        self._history = History()
        self._scores: dict[int, float] = {}
        self._foreseen: tuple[float, list[Foreseen]] = (0.0, [])
        self._name = str(config_of((root / names.CONFIG).read_text(encoding="utf-8"), []).get("name") or root.name)

    def __call__(self) -> Picture:
        """Return the picture of this moment."""
        now, history = self._now(), self._history
        for event in self._events.more():
            history.hear(event)
        pulse = read_pulse(self.root)
        alive = pulse is not None and pulse.alive(now)
        complete = (self.root / names.COMPARISON).exists()
        jobs = pulse.jobs if alive and pulse is not None else ()
        foreseen = self._foretold()
        done = {finished.stage for finished in history.finished}
        self._look_at_scores(done)
        judged, outcomes = self._last_outcomes(history)
        until = now if alive else history.last
        return Picture(
            root=self.root,
            name=self._name,
            state=_state(history, pulse, alive, complete),
            message=history.message,
            elapsed=None if history.started is None or until is None else max(0.0, until - history.started),
            left=time_left(foreseen, history, jobs, now) if alive else None,
            jobs=jobs,
            under_way=tuple(history.running),
            finished=tuple(history.finished),
            stages=(sum(stage.stage in done for stage in foreseen), len(foreseen)),
            scores=dict(self._scores),
            outcomes=outcomes,
            judged=judged,
            complete=complete,
        )

    def _foretold(self) -> list[Foreseen]:
        path = self.root / names.FORESEEN
        try:
            changed = path.stat().st_mtime
        except OSError:
            return []
        if changed != self._foreseen[0]:
            self._foreseen = changed, [Foreseen.of(row) for row in rows(path, [])]
        return self._foreseen[1]

    def _look_at_scores(self, done: set[str]) -> None:
        for stage in done:
            folder, _, name = stage.partition("/")
            t = int(folder[5:]) if folder.startswith("iter_") and folder[5:].isdigit() else None
            if name != f"dev/{names.EVALUATION}" or t is None or t in self._scores:
                continue
            found = evaluation_of(object_of(self.root / stage, []))
            if found is not None and 1 in found.pass_at:
                self._scores[t] = found.pass_at[1].value

    def _last_outcomes(self, history: History) -> tuple[str, Counter[str]]:
        """Return which verdicts are the newest, and the outcomes of the last of them."""
        judging = [stage for stage in history.running if _judges(stage)]
        ended = [finished.stage for finished in history.finished if _judges(finished.stage)]
        for stage in [*judging[::-1], *ended[-1:]]:
            counted = Counter(str(row.get("outcome") or row.get("strict")) for row in _tail(self.root / stage))
            if counted:
                return stage.partition(".")[0].rpartition("/")[0], counted
        return "", Counter()


def _state(history: History, pulse: Pulse | None, alive: bool, complete: bool) -> str:
    if alive:
        return RUNNING
    if history.end:
        return history.end
    return KILLED if pulse is not None or (history.started is not None and not complete) else UNKNOWN


def _judges(stage: str) -> bool:
    return Path(stage).name in (names.VERDICTS, names.TESTBENCH)


def _nothing(root: Path) -> str:
    expected = "expected the directory of an `itertl run`, such as runs/quickstart"
    if not root.exists():
        return f"there is no {root}: {expected}"
    if not root.is_dir():
        return f"{root} is a file: {expected}"
    inner = sorted(path.parent for path in root.glob(f"*/{names.CONFIG}"))
    if inner:
        return f"{root} holds no run, but {', '.join(map(str, inner[:5]))} does: watch one of these"
    return f"{root} holds no run yet: {expected}; a run writes its config.yaml there when it begins"


def _tail(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the last rows of a JSONL file, or of what is written of it so far."""
    source = path if path.is_file() else path.with_name(path.name + PARTIAL)
    try:
        with source.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - TAIL_BYTES))
            data = file.read()
    except OSError:
        return
    lines = data[: data.rfind(b"\n") + 1].splitlines()
    for line in (lines[1:] if size > TAIL_BYTES else lines)[-LATEST:]:
        row = decoded(line.decode("utf-8", "replace"))
        if isinstance(row, dict):
            yield row


class _Growing:
    """A JSONL file that somebody else appends to: whole new lines, each once."""

    def __init__(self, path: Path) -> None:
        self._path, self._at = path, 0

    def more(self) -> Iterator[dict[str, Any]]:
        try:
            with self._path.open("rb") as file:
                file.seek(self._at)
                data = file.read()
        except OSError:
            return
        whole = data[: data.rfind(b"\n") + 1]
        self._at += len(whole)
        for line in whole.splitlines():
            row = decoded(line.decode("utf-8", "replace"))
            if isinstance(row, dict):
                yield row
