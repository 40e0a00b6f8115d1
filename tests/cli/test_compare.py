"""`itertl compare`: two evaluations on disk, side by side."""

import dataclasses
from pathlib import Path

import pytest
from typer.testing import CliRunner

from itertl.cli.app import app
from itertl.disk.artefacts import read_value, write_value
from itertl.disk.rows import write_rows
from itertl.errors import DataError, UsageError
from itertl.evaluation.benched import RowVerdict
from itertl.evaluation.measure import Evaluation, measure
from itertl.evaluation.result import Result
from itertl.outcome import Outcome
from itertl.records import Candidate, Task, Verdict

TASKS = [Task(name, "", "", "", "m") for name in "abcd"]


def evaluation(folder: Path, right: dict[str, int], suite: str = "s") -> Path:
    """Write what `itertl eval` leaves: two samples a problem, of which `right` are right."""
    candidates, verdicts = [], []
    for task in TASKS:
        for index in range(2):
            code = f"{task.id}{index}"
            candidates.append(Candidate(task.id, 0, index, 0, "", code, code, code))
            passed = index < right.get(task.id, 0)
            verdicts.append(Verdict(task.id, code, Outcome.PASSED if passed else Outcome.MISMATCH))
    inner = folder / suite
    inner.mkdir(parents=True)
    write_rows(inner / "candidates.jsonl", candidates)
    write_rows(inner / "verdicts.jsonl", verdicts)
    write_value(inner / "evaluation.json", measure(suite, TASKS, candidates, verdicts))
    return folder


def compare(*paths: Path | str) -> str:
    result = CliRunner().invoke(app, ["compare", *map(str, paths)], catch_exceptions=False)
    assert result.exit_code == 0
    return " ".join(result.output.split())


def test_difference_flips_and_power_are_shown(tmp_path: Path) -> None:
    text = compare(evaluation(tmp_path / "a", {"a": 2, "b": 1}), evaluation(tmp_path / "b", {"b": 2, "c": 2, "d": 2}))
    assert "pass@1, first and second │ 0.375 0.750" in text
    assert "difference, 95 % interval │ +0.375" in text
    assert "flipped: gained, lost │ 2, 1" in text
    assert "a │ 100% │ 0% │ 2 passed │ 2 mismatch" in text
    assert "needed for 80 % power" in text


def test_what_one_problem_cannot_tell_is_not_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.cli.test_compare.TASKS", TASKS[:1])
    text = compare(evaluation(tmp_path / "a", {}), evaluation(tmp_path / "b", {"a": 2}))
    assert "needed for 80 % power at this difference │ not known from one problem" in text
    assert "smallest difference seen with 80 % power │ not known from one problem" in text
    assert "1 of 1 problem that flipped" in text
    assert "nan" not in text


def test_a_file_serves_as_well_and_equal_results_do_not_differ(tmp_path: Path) -> None:
    path = evaluation(tmp_path / "a", {"a": 1}) / "s" / "evaluation.json"
    text = compare(path, path)
    assert "difference, 95 % interval │ +0.000" in text
    assert "no difference" in text


def test_results_of_an_eval_are_compared_by_either_rule(tmp_path: Path) -> None:
    paths = []
    for name, strict, official, dataset in (("a", 1, 2, "d1"), ("b", 2, 2, "d2")):
        counts = {"x": strict}
        inner = evaluation(tmp_path / name, counts) / "s"
        found = read_value(inner / "evaluation.json", Evaluation)
        other = dataclasses.replace(found, per_problem={**found.per_problem, "x": [2, official]})
        result = Result("s", dataset, "c", 2, True, 0, found, other)
        write_value(tmp_path / name / "result.json", result)
        rows = [RowVerdict("a", i, "passed", "passed" if i < strict else "rejected") for i in range(2)]
        write_rows(tmp_path / name / "rows.jsonl", rows)
        paths.append(tmp_path / name)
    assert "other tasks (d1 and d2), though of one name" in compare(*paths)
    assert "no difference" in compare(*paths, "--official")
    with pytest.raises(UsageError, match="expected the --out of an eval"):
        compare(evaluation(tmp_path / "c", {}), paths[0], "--official")


def test_what_cannot_be_compared_is_named(tmp_path: Path) -> None:
    a, other = evaluation(tmp_path / "a", {}), evaluation(tmp_path / "b", {}, suite="t")
    with pytest.raises(UsageError, match=r"measures s, .* measures t; expected one suite"):
        compare(a, other)
    with pytest.raises(UsageError, match=r"nothing does not exist; expected two runs, or the --out of two"):
        compare(a, tmp_path / "nothing")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=r"expected one evaluation.json .* found none"):
        compare(a, tmp_path / "empty")
    (tmp_path / "x.json").write_text("{}")
    with pytest.raises(DataError, match="the field 'suite' is missing"):
        compare(tmp_path / "x.json", a)
