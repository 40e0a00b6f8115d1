"""No task of the gym is a published problem, by text or by code. test_gym.py asks every split for the digests."""

import dataclasses
import io
from pathlib import Path

import pytest
from rich.console import Console

from itertl.commands.audit import audit_rows, read_problems
from itertl.disk.rows import write_rows
from itertl.suites.published import PUBLISHED as SUITES
from itertl.tasks import gym
from itertl.tasks.gym import splits
from itertl.tasks.gym.normal import task_digest
from itertl.tasks.gym.published import DESIGNS


def test_the_audit_finds_no_published_problem(data: Path, tmp_path: Path) -> None:
    suites = [name for name, suite in SUITES.items() if (data / suite.place).exists()]
    problems = [dataclasses.replace(t, id=f"{name}/{t.id}") for name in suites for t in read_problems(name, data)]
    assert len(problems) >= 600
    write_rows(tmp_path / "problems.jsonl", problems)
    write_rows(tmp_path / "rows.jsonl", gym.generate("train", 2500, 0))
    said = io.StringIO()
    console = Console(file=said, width=200)
    found = audit_rows(tmp_path / "rows.jsonl", str(tmp_path / "problems.jsonl"), None, None, 0.8, [], console)
    assert found == 0, said.getvalue()


def test_the_other_tasks_are_what_they_would_be_without_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = gym.generate("base", 40, 1, families=["popcount"])
    monkeypatch.setattr(splits, "published", lambda digest, body: False)
    every = gym.generate("base", 120, 1, families=["popcount"])
    assert [task for task in every if task_digest(task) not in DESIGNS][:40] == tasks
    assert len({task_digest(task) for task in every} & DESIGNS) > 1
