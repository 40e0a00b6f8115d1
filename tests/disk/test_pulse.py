"""Signs of life: what is written of jobs, who counts as alive, and that nothing stays behind a regular end."""

import dataclasses
import json
import os
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from itertl.disk import pulse
from itertl.disk.pulse import Pulse, beating, lives, read_pulse
from itertl.progress import listening, progress


def test_jobs_under_way_are_told_and_finished_ones_are_events(tmp_path: Path) -> None:
    events: list[dict[str, Any]] = []
    with beating(tmp_path, lambda event, **more: events.append({"event": event, **more})) as heart:
        with listening(heart), progress("sampling", 8, unit="samples") as advance:
            advance.found(2)
            advance(3, tokens=90)
            heart.beat()
            found = read_pulse(tmp_path)
            assert found is not None
            assert [(job.description, job.done, job.total) for job in found.jobs] == [("sampling", 5, 8)]
            assert lives(tmp_path)
        heart.beat()
        assert read_pulse(tmp_path).jobs == ()  # type: ignore[union-attr]
    assert [{**event, "seconds": 0} for event in events] == [
        {"event": "job_end", "job": "sampling", "unit": "samples", "units": 3, "tokens": 90, "seconds": 0}
    ], "what an earlier call has found is not of this job"
    assert list(tmp_path.iterdir()) == []
    assert not lives(tmp_path)


def test_it_beats_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "BEAT_SECONDS", 0.01)
    with beating(tmp_path, lambda event, **more: None):
        first = read_pulse(tmp_path)
        (tmp_path / "pulse.json").unlink()
        while (again := read_pulse(tmp_path)) is None:
            time.sleep(0.01)
        assert first is not None
        assert again.time >= first.time


def test_a_process_that_is_gone_does_not_live_and_neither_does_another_one_of_its_number(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as child:
        created = psutil.Process(child.pid).create_time()
        mine = Pulse(time.time(), socket.gethostname(), child.pid, created)
        assert mine.alive(time.time() + 9999), "a process that can be asked needs no beat"
        assert not dataclasses.replace(mine, created=created - 100).alive(time.time())
        child.kill()
    assert not mine.alive(time.time())


def test_elsewhere_the_last_beat_decides() -> None:
    away = Pulse(1000.0, "elsewhere", os.getpid(), 0.0)
    assert away.alive(1030.0)
    assert not away.alive(1100.0)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"time": 1}', json.dumps({"jobs": [{"odd": 1}]})])
def test_a_damaged_file_is_no_sign(tmp_path: Path, text: str) -> None:
    (tmp_path / "pulse.json").write_text(text)
    assert read_pulse(tmp_path) is None


def test_a_folder_that_is_gone_ends_nothing(tmp_path: Path) -> None:
    root = tmp_path / "gone"
    root.mkdir()
    with beating(root, lambda event, **more: None) as heart:
        (root / "pulse.json").unlink()
        root.rmdir()
        heart.beat()
    assert not root.exists()
