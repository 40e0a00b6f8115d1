"""A run directory at a moment of its life, written by hand: events, what is foreseen, scores, verdicts, a pulse."""

import dataclasses
import json
import os
import socket
import time
from pathlib import Path
from typing import Any

import psutil

from itertl.disk.pulse import Pulse, Told

NOW = 1_800_000_000.0
SAMPLING = Told("sampling, iteration 1", "samples", 100, 400, 2.0, 180.0, 50.0, 150.0)


def this_process(jobs: tuple[Told, ...] = ()) -> Pulse:
    """Return the pulse of the process that runs the tests."""
    return Pulse(time.time(), socket.gethostname(), os.getpid(), psutil.Process().create_time(), jobs)


def write_pulse(root: Path, pulse: Pulse) -> None:
    (root / "pulse.json").write_text(json.dumps(dataclasses.asdict(pulse)))


def write_events(root: Path, *events: dict[str, Any]) -> None:
    with (root / "events.jsonl").open("a") as file:
        file.writelines(json.dumps(event) + "\n" for event in events)


def start(at: float, stage: str, **more: Any) -> dict[str, Any]:
    return {"time": at, "event": "stage_start", "stage": stage, **more}


def end(at: float, stage: str, seconds: float) -> dict[str, Any]:
    return {"time": at, "event": "stage_end", "stage": stage, "seconds": seconds}


def job(at: float, unit: str, units: int, seconds: float, tokens: int = 0) -> dict[str, Any]:
    return {"time": at, "event": "job_end", "unit": unit, "units": units, "tokens": tokens, "seconds": seconds}


def attempt(at: float) -> dict[str, Any]:
    return {"time": at, "event": "run_start", "host": "h", "pid": 1}


def write_living(root: Path) -> Path:
    """Write a run in its first iteration, which this process works on: dev is measured, sampling under way."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "config.yaml").write_text("name: small\niterations: 1\n")
    stages = [
        ("tasks.jsonl", 40, "tasks"),
        ("iter_00/dev/candidates.jsonl", 40, "samples"),
        ("iter_00/dev/verdicts.jsonl", 40, "verdicts"),
        ("iter_00/dev/evaluation.json", None, ""),
        ("iter_01/candidates.jsonl", 400, "samples"),
        ("iter_01/verdicts.jsonl", 400, "verdicts"),
        ("iter_01/policy", 10, "steps"),
        ("iter_01/dev/candidates.jsonl", 40, "samples"),
        ("iter_01/dev/verdicts.jsonl", 40, "verdicts"),
    ]
    lines = [json.dumps({"stage": s, "amount": a, "unit": u, "seconds": None}) + "\n" for s, a, u in stages]
    (root / "foreseen.jsonl").write_text("".join(lines))
    write_events(
        root,
        attempt(NOW),
        start(NOW, "tasks.jsonl", done=0),
        end(NOW + 2, "tasks.jsonl", 2.0),
        start(NOW + 2, "iter_00/dev/verdicts.jsonl", done=0),
        start(NOW + 2, "iter_00/dev/candidates.jsonl", done=0),
        job(NOW + 22, "samples", 40, 20.0, 8000),
        end(NOW + 22, "iter_00/dev/candidates.jsonl", 20.0),
        job(NOW + 32, "verdicts", 32, 30.0),
        end(NOW + 32, "iter_00/dev/verdicts.jsonl", 10.0),
        start(NOW + 32, "iter_00/dev/evaluation.json"),
        end(NOW + 33, "iter_00/dev/evaluation.json", 0.1),
        start(NOW + 33, "iter_01/verdicts.jsonl", done=0),
        start(NOW + 33, "iter_01/candidates.jsonl", done=0),
    )
    write_score(root, 0, 0.25)
    (root / "iter_01").mkdir()
    outcomes = ["passed"] * 3 + ["mismatch"]
    rows = "".join(json.dumps({"outcome": outcome}) + "\n" for outcome in outcomes)
    (root / "iter_01/verdicts.jsonl.partial").write_text(rows + '{"outcome": "pas')
    write_pulse(root, this_process((SAMPLING,)))
    return root


def write_score(root: Path, iteration: int, value: float) -> None:
    folder = root / f"iter_{iteration:02d}/dev"
    folder.mkdir(parents=True, exist_ok=True)
    row = {"suite": "dev", "pass_at": {"1": {"value": value, "low": 0.0, "high": 1.0}}, "outcomes": {"passed": value}}
    (folder / "evaluation.json").write_text(json.dumps(row))
