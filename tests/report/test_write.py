import shutil
from pathlib import Path

import pytest
from tests.report.synthetic_evaluation import PLAIN, write_evaluation

from itertl.config import Config
from itertl.errors import ConfigError, RunDirectoryError, UsageError
from itertl.report import reportable, write_report


def test_a_run_and_an_evaluation_get_a_page_each_of_their_own(run: Path, evaluation: Path, tmp_path: Path) -> None:
    assert "ITERTL run" in write_report(run, tmp_path / "run.html").read_text()
    assert "ITERTL evaluation" in write_report(evaluation, tmp_path / "evaluation.html").read_text()


def test_a_run_that_holds_an_evaluation_is_a_run(run: Path, evaluation: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(run, tmp_path / "run")
    shutil.copytree(evaluation, folder / "results")
    assert "ITERTL run" in write_report(folder).read_text()
    assert "ITERTL evaluation" in write_report(folder / "results").read_text()


@pytest.mark.parametrize("absent", ["tasks.jsonl", "iter_*"])
def test_what_is_left_of_a_run_is_a_run(run: Path, tmp_path: Path, absent: str) -> None:
    folder = shutil.copytree(run, tmp_path / "run")
    for path in folder.glob(absent):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert "ITERTL run" in write_report(folder).read_text()


def test_several_settings_get_a_page_in_each(tmp_path: Path) -> None:
    for name in ("temperature-0.8", "temperature-0.2"):
        write_evaluation(tmp_path / name, PLAIN, problems=3, samples=2)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes.txt").write_text("")
    assert [folder.name for folder in reportable(tmp_path)] == ["temperature-0.2", "temperature-0.8"]
    for folder in reportable(tmp_path):
        assert write_report(folder) == folder / "report.html"


def test_what_a_page_is_written_for(evaluation: Path, tmp_path: Path) -> None:
    assert reportable(evaluation) == [evaluation]
    (tmp_path / "config.yaml").write_text(Config().to_yaml())
    (tmp_path / "tasks.jsonl.partial").write_text("{}\n")
    assert reportable(tmp_path) == [tmp_path]


def test_where_nothing_was_measured_there_is_nothing_to_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    suite = tmp_path / "gym-test"
    suite.mkdir()
    (tmp_path / "config.yaml").write_text(Config().to_yaml())
    (tmp_path / "report.html").write_text("of a refused call")
    for file in ("run.lock", "gym-test/candidates.jsonl.partial"):  # none, and then an evaluation that was begun
        (tmp_path / file).write_text("")
        with pytest.raises(UsageError, match="nothing measured yet"):
            reportable(tmp_path)
    (suite / "candidates.jsonl.partial").write_text("{}\n")
    with pytest.raises(UsageError, match="nothing measured yet"):
        reportable(tmp_path)
    monkeypatch.setattr("itertl.report.write.lives", lambda folder: True)
    assert reportable(tmp_path) == [tmp_path]
    monkeypatch.undo()
    (suite / "verdicts.jsonl.partial").write_text("{}\n")
    assert reportable(tmp_path) == [tmp_path]


def test_an_evaluation_needs_no_config(evaluation: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(evaluation, tmp_path / "results")
    (folder / "config.yaml").unlink()
    assert reportable(folder) == [folder]


def test_anything_else_is_refused_with_both_kinds_named(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "absent"):
        with pytest.raises(ConfigError, match=r"itertl run.*itertl eval"):
            reportable(folder)
    with pytest.raises(RunDirectoryError, match=r"itertl run.*itertl eval"):
        write_report(tmp_path / "absent")
    (tmp_path / "config.yaml").write_text("unknown: 1")
    with pytest.raises(ConfigError, match="unknown"):
        reportable(tmp_path)
