"""No task of the gym is a published problem, by text or by code. test_gym.py asks every split for the digests."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from itertl.commands.audit import audit_rows
from itertl.disk.rows import write_rows
from itertl.suites.published import PUBLISHED as SUITES
from itertl.tasks import gym
from itertl.tasks.gym import splits
from itertl.tasks.gym.normal import task_digest
from itertl.tasks.gym.published import DESIGNS


@pytest.mark.slow
def test_the_audit_finds_no_published_problem(data: Path, tmp_path: Path) -> None:
    rows, said = tmp_path / "rows.jsonl", io.StringIO()
    write_rows(rows, gym.generate("train", 2000, 0))
    suites = [name for name, suite in SUITES.items() if (data / suite.place).exists()]
    assert suites
    assert audit_rows(rows, suites, data, None, 0.8, [], Console(file=said, width=200)) == 0, said.getvalue()


def test_the_other_tasks_are_what_they_would_be_without_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = gym.generate("base", 40, 1, families=["popcount"])
    monkeypatch.setattr(splits, "published", lambda digest, body: False)
    every = gym.generate("base", 120, 1, families=["popcount"])
    assert [task for task in every if task_digest(task) not in DESIGNS][:40] == tasks
    assert len({task_digest(task) for task in every} & DESIGNS) > 1
