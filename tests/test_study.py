"""The study, cut down: every arm runs, continues, and is told in tables; the arms are written out as configs."""

import sys
from pathlib import Path

import pytest
from benchmarks import study, study_tables

from itertl import load_config

SMALLER = (
    "verify.workers=1",
    "tasks.gym={train: 12, dev: 2, test: 2, shifted: 2, unseen: 1}",
    "tasks.references=6",
    "sampling.max_new_tokens=28",
    "training.steps=2",
    "training.groups_per_step=4",
)
ARMS = ("mle", "one-shot-equal", "iterated")
ARGV = ["study", "--quick", "--arms", *ARMS, *(f"--set={value}" for value in SMALLER)]


@pytest.mark.slow
def test_a_quick_study_fills_its_tables_and_continues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [*ARGV, "--out", str(tmp_path)])
    study.main()
    text = (tmp_path / "tables.md").read_text()
    for heading in ("gym-test", "gym-shifted", "gym-unseen", "Budgets", "Exploration", "Mismatch"):
        assert f"**{heading}**" in text
    budgets = text.partition("**Budgets**")[2].partition("**Exploration**")[0]
    assert "| mle | 12 | 4 |" in budgets  # one sample of 6 tasks in each of two iterations, two steps in each
    assert "| one-shot-equal | 24 | 4 |" in budgets
    assert "| iterated | 24 | 4 |" in budgets
    mismatch = text.partition("**Mismatch**")[2]
    assert float(mismatch.partition("| iterated | 1 | ")[2].partition(" |")[0]) > 0
    stamps = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("candidates.jsonl")}
    study.main()
    assert {path: path.stat().st_mtime_ns for path in stamps} == stamps


def test_the_arms_are_written_out_as_they_are(tmp_path: Path) -> None:
    study.write_configs(tmp_path)
    written = {path.name: path.read_text() for path in tmp_path.glob("*.yaml")}
    assert written == {path.name: path.read_text() for path in study.CONFIGS.glob("*.yaml")}, (
        "python -m benchmarks.study --write"
    )
    base = load_config(study.QUICKSTART)
    for arm in sorted(study.ARMS.keys() - {"own"}):
        config = load_config(study.CONFIGS / f"{arm}.yaml")
        assert config.iterations * (config.training.steps or 0) == base.iterations * (base.training.steps or 0)
        assert config.tasks.references == base.tasks.references


def test_one_budget_of_samples_is_that_of_all_iterations() -> None:
    once, anew = (load_config(study.CONFIGS / f"{arm}.yaml") for arm in ("one-shot-equal", "iterated"))
    assert once.sampling.candidates * once.iterations == anew.sampling.candidates * anew.iterations


def test_a_row_is_named_after_what_its_seeds_share() -> None:
    cell = study.Cell("filtered", "float32", 37, 2)
    assert (cell.row, cell.name) == ("filtered, 37 % of the references, float32", "filtered-37-float32-2")
    assert study_tables.line("a", 1) == "| a | 1 |"
    assert study_tables.beside(cell.row, "mle") == "mle, 37 % of the references, float32"
    assert study_tables.beside("iterated", "mle") == "mle"
