"""Curves for trackers: which rows a run gives, each of them once whatever is killed, and failures that end nothing."""

import importlib.util
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import types
from pathlib import Path
from typing import Any

import pytest
from tests.report.synthetic_run import write_run

from itertl import tracking
from itertl.config import Config, differences, parse_config
from itertl.errors import ConfigError, MissingToolError
from itertl.tracking import Ledger, Place, Row, Tracker, curves, find_tracker, tracked

END = {"event": "stage_end"}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return write_run(tmp_path / "run", iterations=2, tasks=6, samples=2)


class Listed:
    """A tracker that keeps rows in a list, which outlives it; it cannot tell what it holds."""

    rows: list[Row]
    fails_at = -1

    def __init__(self, place: Place) -> None:
        self.place = place

    def held(self) -> int | None:
        return None

    def log(self, row: Row) -> None:
        if len(self.rows) == self.fails_at:
            raise ConnectionError("no network")
        self.rows.append(row)

    def close(self) -> None:
        pass


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> type[Listed]:
    class Fresh(Listed):
        rows: list[Row] = []  # noqa: RUF012

    monkeypatch.setitem(tracking.TRACKERS, "trackio", Fresh)
    return Fresh


def track(root: Path, *names: str) -> None:
    with tracked(parse_config({"name": "small", "tracking": list(names)}), root) as hear:
        hear(END)


def test_rows_are_in_the_order_of_the_run(run: Path) -> None:
    rows = list(curves(run))
    steps = [row.step for row in rows if row.axis == "optimiser_step"]
    assert steps == list(range(1, 501)), "one axis for all stages, from 1"
    others = [(row.step, min(row.values)) for row in rows if row.axis == "iteration"]
    assert [(step, name.partition("/")[0]) for step, name in others] == [
        (0, "dev"), (1, "designs"), (1, "dev"), (2, "designs"), (2, "dev"), (2, "final"), (2, "final"), (2, "final")
    ]  # fmt: skip
    assert "train/loss" in rows[0].values
    assert sum(next(row for row in rows if "designs/passed" in row.values).values.values()) == pytest.approx(1.0)


def test_what_a_shorter_run_gives_is_how_a_longer_one_begins(run: Path) -> None:
    whole = list(curves(run))
    (run / "final.json").rename(run / "final")
    assert list(curves(run)) == whole[:-3]
    (run / "iter_02/policy").rename(run / "iter_02/policy.partial")
    assert list(curves(run)) == whole[: 400 + 1 + 1 + 50 + 1 + 1]


def test_each_row_is_given_once_over_several_calls(run: Path, listed: type[Listed]) -> None:
    (run / "final.json").rename(run / "final")
    track(run, "trackio")
    first = len(listed.rows)
    (run / "final").rename(run / "final.json")
    track(run, "trackio")
    track(run, "trackio")
    assert listed.rows == list(curves(run))
    assert len(listed.rows) == first + 3


def test_rows_come_while_the_run_goes_on(run: Path, listed: type[Listed]) -> None:
    (run / "final.json").rename(run / "final")
    with tracked(parse_config({"tracking": ["trackio"]}), run) as hear:
        (run / "final").rename(run / "final.json")
        hear({"event": "stage_start"})
        hear(END)
    assert listed.rows == list(curves(run))


def test_one_that_fails_is_a_warning_and_the_others_go_on(
    run: Path, listed: type[Listed], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Other(Listed):
        rows: list[Row] = []  # noqa: RUF012

    monkeypatch.setitem(tracking.TRACKERS, "tensorboard", Other)
    listed.fails_at = 7
    with caplog.at_level(logging.WARNING, "itertl"):
        track(run, "trackio", "tensorboard")
    assert len(listed.rows) == 7
    assert len(Other.rows) == len(list(curves(run)))
    assert [r.getMessage() for r in caplog.records] == [
        "tracking: trackio failed and is given no more (ConnectionError: no network)"
    ]


def test_one_that_does_not_start_or_end_is_a_warning(
    run: Path, listed: type[Listed], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(place: Place) -> Tracker:
        raise RuntimeError("no login")

    monkeypatch.setitem(tracking.TRACKERS, "wandb", broken)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: True)
    monkeypatch.setattr(listed, "close", lambda self: 1 / 0)
    with caplog.at_level(logging.WARNING, "itertl"):
        track(run, "wandb", "trackio")
    said = [record.getMessage() for record in caplog.records]
    assert "wandb failed" in said[0]
    assert "no login" in said[0]
    assert "trackio failed" in said[1]


def test_one_that_hangs_is_left_behind(
    run: Path, listed: type[Listed], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = threading.Event()
    monkeypatch.setattr(tracking, "CLOSE_SECONDS", 0.1)
    monkeypatch.setattr(listed, "close", lambda self: stuck.wait())
    with caplog.at_level(logging.WARNING, "itertl"):
        track(run, "trackio")
    stuck.set()
    assert "took too long and was left behind" in caplog.text


def test_nothing_is_started_or_written_by_default(run: Path) -> None:
    with tracked(Config(), run) as hear:
        hear(END)
    assert not (run / "tracked.json").exists()


def test_the_id_stays_and_trackers_may_change_on_resuming(run: Path) -> None:
    assert Ledger(run).id == Ledger(run).id
    assert differences(Config(), parse_config({"tracking": ["trackio"]})) == ([], ["tracking: [] -> ['trackio']"])


def test_names_are_looked_up_before_anything_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match=r"no tracker 'tensorbord'; did you mean 'tensorboard'\?"):
        find_tracker("tensorbord")
    with pytest.raises(ConfigError, match="the tracker 'nowhere:start' cannot be loaded"):
        find_tracker("nowhere:start")
    assert find_tracker("tests.test_tracking:Listed").__name__ == "Listed"
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingToolError, match=r"wandb is not installed: pip install 'itertl\[wandb\]'"):
        find_tracker("wandb")


KILLED = """
import os, signal, sys, time
from pathlib import Path
from itertl import tracking
from itertl.config import parse_config

kind = {"trackio": tracking.Trackio, "tensorboard": tracking.Tensorboard}[sys.argv[2]]
plain, count = kind.log, 0

def log(self, row):
    global count
    plain(self, row)
    count += 1
    if count == int(sys.argv[3]):
        if sys.argv[2] == "tensorboard":
            self._writer.flush()
        else:
            while not self.held():
                time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGKILL)

kind.log = log
with tracking.tracked(parse_config({"name": "small", "tracking": [sys.argv[2]]}), Path(sys.argv[1])) as hear:
    hear({"event": "stage_end"})
    time.sleep(600)
"""


def killed(run: Path, tracker: str, rows: int) -> None:
    """Track in a process that kills itself behind so many rows."""
    ended = subprocess.run([sys.executable, "-c", KILLED, str(run), tracker, str(rows)], check=False, env=os.environ)
    assert ended.returncode == -signal.SIGKILL


@pytest.mark.slow
def test_trackio_has_each_point_once_after_kill_9(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("trackio")
    monkeypatch.setenv("TRACKIO_DIR", str(tmp_path / "trackio"))
    killed(run, "trackio", 40)
    code = "import sys, pathlib, tests.test_tracking as t; t.track(pathlib.Path(sys.argv[1]), 'trackio')"
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", code, str(run)], check=False, capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
    check = "import json, sys; from trackio.sqlite_storage import SQLiteStorage as S\n" \
        "print(json.dumps([S.get_runs('itertl'), S.get_logs('itertl', sys.argv[1], max_points=None)]))"  # fmt: skip
    name = Ledger(run).id
    found = subprocess.run([sys.executable, "-c", check, name], check=True, capture_output=True, text=True).stdout
    names, logs = json.loads(found)
    assert names == [name]
    expected = [(row.step, value) for row in curves(run) for value in row.values.items()]
    logged = [(row["step"], (k, v)) for row in logs for k, v in row.items() if "/" in k]
    assert sorted(logged) == sorted(expected)


@pytest.mark.slow
def test_tensorboard_has_each_point_once_after_kill_9(run: Path) -> None:
    loader = pytest.importorskip("tensorboard.backend.event_processing.event_file_loader")
    pytest.importorskip("torch")
    killed(run, "tensorboard", 40)
    for _ in range(2):
        track(run, "tensorboard")
    points = [
        (event.step, value.tag)
        for path in (run / "tensorboard").iterdir()
        for event in loader.EventFileLoader(str(path)).Load()
        for value in event.summary.value
    ]
    assert sorted(points) == sorted((row.step, name) for row in curves(run) for name in row.values)


def test_wandb_gets_rows_with_their_axes_under_one_id(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module in the place of wandb: it shows what it is asked, not that the real one does it."""
    calls: list[dict[str, Any]] = []
    axes: dict[str, str] = {}
    logged: list[dict[str, float]] = []

    class Run:
        offline = True
        step = 0

        def define_metric(self, name: str, step_metric: str) -> None:
            axes[name] = step_metric

        def log(self, values: dict[str, float]) -> None:
            logged.append(values)

        def finish(self) -> None:
            calls[-1]["finished"] = True

    def init(**options: Any) -> Run:
        calls.append(options)
        return Run()

    fake = types.ModuleType("wandb")
    vars(fake).update(init=init, Settings=lambda **options: options)
    monkeypatch.setitem(sys.modules, "wandb", fake)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: True)
    track(run, "wandb")
    track(run, "wandb")
    assert {call["id"] for call in calls} == {Ledger(run).id}
    assert all(call["resume"] == "allow" and call["finished"] for call in calls)
    assert (axes["train/*"], axes["dev/*"]) == ("optimiser_step", "iteration")
    assert logged == [{**row.values, row.axis: row.step} for row in curves(run)], "each once"
    assert os.environ["WANDB_ERROR_REPORTING"] == "false"


def test_mlflow_gets_the_points_that_it_lacks(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module in the place of mlflow: it shows what it is asked, not that the real one does it."""
    runs: dict[str, dict[str, Any]] = {}
    metrics: dict[str, list[types.SimpleNamespace]] = {}

    class Client:
        def get_experiment_by_name(self, name: str) -> Any:
            return types.SimpleNamespace(experiment_id="1") if runs else None

        def create_experiment(self, name: str) -> str:
            return "1"

        def search_runs(self, experiments: list[str], query: str) -> list[Any]:
            return [found["run"] for key, found in runs.items() if key in query]

        def create_run(self, experiment: str, tags: dict[str, str], run_name: str) -> Any:
            made = types.SimpleNamespace(
                info=types.SimpleNamespace(run_id="r1"), data=types.SimpleNamespace(metrics=metrics)
            )
            runs[tags["itertl.run"]] = {"run": made}
            return made

        def get_metric_history(self, run_id: str, name: str) -> list[types.SimpleNamespace]:
            return metrics[name]

        def log_metric(self, run_id: str, name: str, value: float, step: int) -> None:
            metrics.setdefault(name, []).append(types.SimpleNamespace(step=step, value=value))

        def set_terminated(self, run_id: str) -> None:
            assert run_id == "r1"

    fake = types.ModuleType("mlflow")
    vars(fake).update(MlflowClient=Client)
    monkeypatch.setitem(sys.modules, "mlflow", fake)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: True)
    (run / "final.json").rename(run / "final")
    track(run, "mlflow")
    (run / "final").rename(run / "final.json")
    track(run, "mlflow")
    assert list(runs) == [Ledger(run).id]
    assert len(metrics["train/loss"]) == 500
    assert [point.step for point in metrics["dev/pass_at_1"]] == [0, 1, 2]
    assert len(metrics["final/gym-test/best/pass_at_1"]) == 1
