"""`itertl check --measure`: what is measured by the run's own stages, and how it is carried over to a run's stages."""

import io
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from itertl.check import Finding, Status
from itertl.check import measure as measuring
from itertl.check.forecast import forecast, render, total
from itertl.check.measure import Clock, Cost, measure
from itertl.cli.app import app
from itertl.config import Config, parse_config
from itertl.disk.outline import Stage
from itertl.pace import Pace
from itertl.plan import plan
from itertl.progress import Job
from itertl.tables import print_table

COSTS = {
    "base": Cost(1.0, 1.0, 1.0),
    "warm start": Cost(1.0, 2.0, 3.0, 10.0),
    "samples": Cost(0.5, 1.0, 2.0, 4.0),
    "verdicts": Cost(0.1, 0.2, 0.4),
    "training": Cost(2.0, 3.0, 4.0, 5.0),
}


def stage(name: str, amount: int | None, unit: str, done: bool = False) -> Stage:
    return Stage(name, done, amount, unit, ())


def test_each_stage_costs_what_its_kind_does_and_finished_ones_nothing() -> None:
    stages = [
        stage("tasks.jsonl", 40, "tasks"),
        stage("iter_00/base", None, ""),
        stage("iter_00/policy", 10, "steps"),
        stage("iter_01/candidates.jsonl", 100, "samples"),
        stage("iter_01/verdicts.jsonl", 100, "verdicts"),
        stage("iter_01/groups.jsonl", 40, "groups"),
        stage("iter_01/policy", 8, "steps"),
        stage("iter_02/policy", 8, "steps", done=True),
        stage("iter_01/dev/candidates.jsonl", None, "samples"),
    ]
    found = forecast(stages, COSTS, Config())
    assert {f.stage: f.seconds for f in found if f.stage != "iter_00/base"} == {
        "iter_00/policy": (20.0, 30.0, 40.0),
        "iter_01/candidates.jsonl": (54.0, 104.0, 204.0),
        "iter_01/verdicts.jsonl": (10.0, 20.0, 40.0),
        "iter_01/policy": (21.0, 29.0, 37.0),
    }
    own = [f for f in found if f.stage != "iter_00/base"]
    assert total(own) == (95.0, 183.0, 321.0)  # verdicts may cost nothing beside the sampling


def test_the_table_keeps_every_name_in_one_piece_on_80_columns() -> None:
    name = "iter_00/gym-shifted/candidates.jsonl"
    printed = io.StringIO()
    terminal = Console(file=printed, width=80, force_terminal=True, no_color=True, color_system=None)
    print_table(render(forecast([stage(name, 1000, "samples")], COSTS, Config())), terminal)
    assert "iter_00/gym-shifted/candidates " in printed.getvalue()
    assert "1,000 samples" in printed.getvalue()
    assert "16:44" in printed.getvalue()
    assert "8:24-33:24" in printed.getvalue()
    assert max(map(len, printed.getvalue().splitlines())) <= 80


def test_a_clock_hears_of_its_unit_alone() -> None:
    clock, now = Clock("steps"), iter([0.0, 1.0, 2.0, 4.0, 8.0])
    steps = Job("training", "steps", Pace(3, clock=lambda: 0.0))
    other = Job("verifying", "verdicts", Pace(3, clock=lambda: 0.0))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("itertl.check.measure.time.monotonic", lambda: next(now))
        for job in (other, steps):
            clock.began(job)
        for done in (1, 2):
            for job in (other, steps):
                job.pace.note(1)
                clock.told(job)
            assert steps.pace.done == done
    assert (clock.began_at, clock.marks) == (0.0, [(1.0, 1), (2.0, 2)])
    assert clock.each() == [1.0, 1.0]


TINY = {
    "name": "tiny",
    "iterations": 1,
    "policy": {"path": "embedded"},
    "tasks": {"gym": {"train": 8, "dev": 2, "families": ["gate", "adder"]}},
    "warm_start": {"passes": 1.0},
    "sampling": {"candidates": 2, "batch_size": 4, "max_new_tokens": 12},
    "verify": {"workers": 1},
    "training": {"groups_per_step": 2},
    "evaluation": {"suites": [], "dev_samples": 1},
}


@pytest.mark.slow
def test_the_stages_themselves_are_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "SAMPLES", 4)
    config = parse_config(TINY)
    costs = measure(config, tmp_path)
    assert costs.keys() == {"warm start", "samples", "verdicts", "training"}
    for kind, cost in costs.items():
        assert 0 <= cost.low <= cost.one <= cost.high, kind
        assert cost.one > 0, kind
    found = forecast(plan(config, tmp_path / "run"), costs, config)
    assert {f.unit for f in found} == {"samples", "verdicts", "steps"}
    assert all(low <= middle <= high for low, middle, high in [f.seconds for f in found])


@pytest.mark.parametrize(
    ("status", "why"), [(Status.WARN, "the policy is not here"), (Status.FAIL, "the config is not fit to run")], ids=str
)
def test_what_cannot_run_is_not_measured(
    status: Status, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("config.yaml").write_text("policy: {path: somebody/something}\n")
    monkeypatch.setattr("itertl.check.examine", lambda config, runs: [Finding("policy", status, "it is not here")])
    found = CliRunner().invoke(app, ["check", "config.yaml", "--measure"])
    assert found.exit_code == 1
    assert f"nothing was measured: {why}" in " ".join(found.stdout.split())
    assert not Path("runs").exists()
