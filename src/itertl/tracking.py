"""Curves of a run for an experiment tracker: trackio, tensorboard, wandb, mlflow, or one of the user's own.

    tracking: [tensorboard, mypackage.tracking:start]          in a config; none by default

    with tracked(config, root) as listener: store.listeners.append(listener)

The rows follow from the run's artefacts, in one order: warm start, then for each iteration outcomes, optimiser steps
and dev, the suites last. A tracker is given those that it does not hold yet, so a run that was killed and continued has
each point once, under one run id. A tracker works in a thread of its own, and where it fails a warning is all that
comes of it. Nothing is sent anywhere but by a tracker that the config names, and what trackers tell of themselves is
switched off.
"""

import contextlib
import contextvars
import difflib
import importlib.util
import io
import json
import logging
import os
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from itertl.config import Config
from itertl.disk import names
from itertl.disk.artefacts import write_text
from itertl.dotted import imported
from itertl.errors import ConfigError, MissingToolError
from itertl.report.parsing import evaluation_of, mapping, number, object_of, rows

PROJECT = "itertl"
CLOSE_SECONDS = 60.0  # that trackers have at the end of a run for what they still hold back
NO_TELEMETRY = {"WANDB_ERROR_REPORTING": "false", "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
STEP, ITERATION = "optimiser_step", "iteration"
log = logging.getLogger("itertl")


@dataclass(frozen=True)
class Row:
    """Values at one place of an axis: `step` is an optimiser step of the whole run, from 1, or an iteration, from 0."""

    axis: str
    step: int
    values: Mapping[str, float]


@dataclass(frozen=True)
class Place:
    """What a tracker is started with: the run directory, the run's id, its name, and its config as plain values."""

    root: Path
    id: str
    name: str
    config: Mapping[str, Any]


class Tracker(Protocol):
    """What takes the rows of one run; all calls but that which starts it come from one thread."""

    def held(self) -> int | None:
        """Return how many rows it holds from earlier calls, the first ones; None where it cannot tell.

        One that leaves out what it holds may return 0.
        """

    def log(self, row: Row) -> None:
        """Take the next row."""

    def close(self) -> None:
        """Keep what it still holds back."""


Start = Callable[[Place], Tracker]


def curves(root: Path) -> Iterator[Row]:
    """Yield the rows that the complete artefacts of a run give, in an order that only ever grows at its end."""
    steps = 0
    for t in range(len(list(root.glob("iter_*"))) + 1):
        folder = root / f"iter_{t:02d}"
        if t and not (folder / names.VERDICTS).is_file():
            break
        if t and (shares := _shares(folder / names.VERDICTS)):
            yield Row(ITERATION, t, shares)
        if not (folder / names.POLICY).is_dir():
            break
        for row in rows(folder / names.POLICY / names.TRAINING, []):
            steps += 1
            values = {f"train/{key}": v for key, raw in row.items() if key != "step" and (v := number(raw)) is not None}
            yield Row(STEP, steps, values)
        if not (folder / "dev" / names.EVALUATION).is_file():
            break
        if found := evaluation_of(object_of(folder / "dev" / names.EVALUATION, [])):
            yield Row(ITERATION, t, {f"dev/pass@{k}": estimate.value for k, estimate in found.pass_at.items()})
    final = object_of(root / names.COMPARISON, [])
    for arm in ("warm_start", "best", "last"):
        values = {}
        for suite, arms in mapping(final.get("evaluations")).items():
            found = evaluation_of(mapping(arms).get(arm))
            for k, estimate in (found.pass_at if found else {}).items():
                values[f"final/{suite}/{arm}/pass@{k}"] = estimate.value
        if values:
            yield Row(ITERATION, int(number(final.get("best_iteration")) or 0), values)


def _shares(verdicts: Path) -> dict[str, float]:
    """Return the shares of outcomes among the distinct designs of an iteration."""
    counted = Counter(str(row.get("outcome")) for row in rows(verdicts, []))
    return {f"designs/{outcome}": count / counted.total() for outcome, count in sorted(counted.items())}


class Trackio:
    """Trackio's own database on this machine, below TRACKIO_DIR; `trackio show` opens it."""

    def __init__(self, place: Place) -> None:
        import trackio

        with contextlib.redirect_stdout(io.StringIO()):
            self._run = contextvars.copy_context().run(  # no current run, which trackio would finish once more
                trackio.init,
                PROJECT,
                place.id,
                config=dict(place.config),
                resume="allow",
                auto_log_gpu=False,
                auto_log_cpu=False,
                embed=False,
            )

    def held(self) -> int:
        """Return the number of rows in the database."""
        from trackio.sqlite_storage import SQLiteStorage

        return int(SQLiteStorage.get_log_count(PROJECT, run=self._run.name))

    def log(self, row: Row) -> None:
        """Hand it to trackio's writer."""
        self._run.log({**row.values, row.axis: row.step}, step=row.step)

    def close(self) -> None:
        """Wait for trackio's writer."""
        with contextlib.redirect_stdout(io.StringIO()):
            self._run.finish()


class Tensorboard:
    """Event files in the run directory: `tensorboard --logdir runs` shows all runs."""

    FOLDER = "tensorboard"

    def __init__(self, place: Place) -> None:
        from torch.utils.tensorboard import SummaryWriter

        folder = place.root / self.FOLDER
        self._known = self._points(folder) if folder.is_dir() else set()
        self._writer = SummaryWriter(str(folder))

    def held(self) -> int:
        """Return 0: points that are there are left out one by one."""
        return 0

    def log(self, row: Row) -> None:
        """Write the points that are not there."""
        for name, value in row.values.items():
            if (name, row.step) not in self._known:
                self._writer.add_scalar(name, value, row.step)

    def close(self) -> None:
        """Write everything out."""
        self._writer.close()

    def _points(self, folder: Path) -> set[tuple[str, int]]:
        from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

        found = set()
        for path in folder.glob("events.out.tfevents.*"):
            for event in EventFileLoader(str(path)).Load():
                found |= {(value.tag, int(event.step)) for value in event.summary.value}
        return found


class Wandb:
    """Weights & Biases, as WANDB_MODE says: online, or offline in the run directory."""

    def __init__(self, place: Place) -> None:
        import wandb

        self._run = wandb.init(
            project=PROJECT,
            id=place.id,
            name=place.name,
            dir=str(place.root),
            config=dict(place.config),
            resume="allow",
            settings=wandb.Settings(console="off"),
        )
        for prefix, axis in (("train", STEP), ("dev", ITERATION), ("designs", ITERATION), ("final", ITERATION)):
            self._run.define_metric(f"{prefix}/*", step_metric=axis)

    def held(self) -> int | None:
        """Return the rows that the server has; None where there is no server."""
        return None if self._run.offline else int(self._run.step)

    def log(self, row: Row) -> None:
        """Hand it over; each row is a step of its own, and carries its axis."""
        self._run.log({**row.values, row.axis: row.step})

    def close(self) -> None:
        """Wait for what is under way."""
        self._run.finish()


class Mlflow:
    """MLflow, where MLFLOW_TRACKING_URI says; names have `_at_` in place of the character @, which it does not take."""

    TAG = "itertl.run"

    def __init__(self, place: Place) -> None:
        import mlflow

        self._client = mlflow.MlflowClient()
        known = self._client.get_experiment_by_name(PROJECT)
        experiment = self._client.create_experiment(PROJECT) if known is None else known.experiment_id
        found = self._client.search_runs([experiment], f"tags.`{self.TAG}` = '{place.id}'")
        run = found[0] if found else self._client.create_run(experiment, tags={self.TAG: place.id}, run_name=place.id)
        self._id = run.info.run_id
        self._known = {
            (name, point.step) for name in run.data.metrics for point in self._client.get_metric_history(self._id, name)
        }

    def held(self) -> int:
        """Return 0: points that are there are left out one by one."""
        return 0

    def log(self, row: Row) -> None:
        """Store the points that are not there."""
        for name, value in row.values.items():
            plain = name.replace("@", "_at_")
            if (plain, row.step) not in self._known:
                self._client.log_metric(self._id, plain, value, step=row.step)

    def close(self) -> None:
        """Mark the run as ended; a continued one goes on all the same."""
        self._client.set_terminated(self._id)


TRACKERS: dict[str, Start] = {"trackio": Trackio, "tensorboard": Tensorboard, "wandb": Wandb, "mlflow": Mlflow}


def find_tracker(name: str) -> Start:
    """Return what starts the tracker of a name or a dotted path; nothing is started.

    Raise ConfigError where there is none of that name, MissingToolError where its package is not installed.
    """
    if ":" in name:
        start: Start = imported(name, "tracker")
        return start
    if name not in TRACKERS:
        near = difflib.get_close_matches(name, TRACKERS, n=1)
        hint = f"did you mean {near[0]!r}? Expected" if near else "expected"
        raise ConfigError(
            f"tracking: there is no tracker {name!r}; {hint} {', '.join(TRACKERS)}, or package.module:START"
        )
    if importlib.util.find_spec(name) is None:
        raise MissingToolError(
            f"tracking: {name} is not installed: pip install 'itertl[{name}]', or leave it out of `tracking`"
        )
    return TRACKERS[name]


@contextmanager
def tracked(config: Config, root: Path) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Start the trackers of a config for the run in `root`; yield the listener that wakes them.

    At the end they have a minute for what is left. One that fails, then or at any time, is a warning.
    """
    if not config.tracking:
        yield lambda event: None
        return
    for key, value in NO_TELEMETRY.items():
        os.environ.setdefault(key, value)
    feed = Feed(config.tracking, Ledger(root), config)
    feed.start()
    try:
        yield feed.hear
    finally:
        feed.finish()


class Ledger:
    """What a run directory knows of trackers: the run's id, and the rows given to those that cannot tell."""

    def __init__(self, root: Path) -> None:
        self.root, self._path = root, root / names.TRACKED
        known = object_of(self._path, [])
        self.id = str(known.get("id") or f"{root.resolve().name}-{uuid.uuid4().hex[:8]}")
        self.given = {str(name): int(count) for name, count in mapping(known.get("given")).items()}
        self._keep()

    def note(self, tracker: str, count: int) -> None:
        """Write down, before a row is given, that it was: no row is given twice, whenever the process is killed."""
        self.given[tracker] = count
        self._keep()

    def _keep(self) -> None:
        write_text(self._path, json.dumps({"id": self.id, "given": self.given}) + "\n")


class Feed:
    """Gives trackers the rows of a run as its artefacts get complete, in a thread of its own."""

    def __init__(self, trackers: Sequence[str], ledger: Ledger, config: Config) -> None:
        self._ledger = ledger
        self._wake, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="tracking", daemon=True)
        self._trackers: dict[str, Tracker] = {}
        self._given: dict[str, int] = {}
        self._blind: set[str] = set()
        place = Place(ledger.root, ledger.id, config.name, config.model_dump(mode="json"))
        for name in trackers:
            with self._surviving(name):
                tracker = find_tracker(name)(place)
                held = tracker.held()
                self._trackers[name] = tracker
                self._given[name] = ledger.given.get(name, 0) if held is None else held
                self._blind |= {name} if held is None else set()

    def start(self) -> None:
        """Begin with what the run directory holds."""
        self._wake.set()
        self._thread.start()

    def hear(self, event: Mapping[str, Any]) -> None:
        """Wake up where a stage has ended."""
        if event.get("event") == "stage_end":
            self._wake.set()

    def finish(self) -> None:
        """Give what is left, and close; a tracker that does not come to an end is left behind."""
        self._over.set()
        self._wake.set()
        self._thread.join(CLOSE_SECONDS)
        if self._thread.is_alive():
            log.warning("tracking: %s took too long and was left behind", ", ".join(self._trackers))

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            last = self._over.is_set()
            known = list(curves(self._ledger.root)) if self._trackers else []
            for name, tracker in list(self._trackers.items()):
                with self._surviving(name):
                    self._give(name, tracker, known)
                    if last:
                        tracker.close()
            if last:
                return

    def _give(self, name: str, tracker: Tracker, known: Sequence[Row]) -> None:
        for row in known[self._given[name] :]:
            self._given[name] += 1
            if name in self._blind:
                self._ledger.note(name, self._given[name])
            tracker.log(row)

    @contextmanager
    def _surviving(self, name: str) -> Iterator[None]:
        """Let a tracker that fails be a warning, and be given no more: it is somebody else's code."""
        try:
            yield
        except Exception as error:
            self._trackers.pop(name, None)
            log.warning("tracking: %s failed and is given no more (%s: %s)", name, type(error).__name__, error)
