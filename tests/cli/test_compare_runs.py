"""`itertl compare` of two whole runs: a table, a page, and what cannot be paired."""

import re
from pathlib import Path

import pytest
import yaml
from rich.console import Console
from tests.report.pages import HOSTILE
from typer.testing import CliRunner

from itertl.cli.app import app
from itertl.commands.compare import compare_any
from itertl.disk.artefacts import write_value
from itertl.disk.rows import write_rows
from itertl.errors import UsageError
from itertl.evaluation.measure import Evaluation, compare_arms, measure
from itertl.evaluation.runs import compare_runs, is_run, read_side, settings_that_differ
from itertl.outcome import Outcome
from itertl.records import Candidate, Task, Verdict


def measured(folder: Path, suite: str, tasks: list[str], right: dict[str, int]) -> Evaluation:
    """Write the samples of one evaluation, four a task, of which `right` are right; return it."""
    records = [Task(name, "", "", "", "m") for name in tasks]
    candidates, verdicts = [], []
    for name in tasks:
        for index in range(4):
            code = f"{name}-{index}"
            candidates.append(Candidate(name, 0, index, 0, "", code, code, code))
            outcome = Outcome.PASSED if index < right.get(name, 0) else Outcome.MISMATCH
            verdicts.append(Verdict(name, code, outcome))
    folder.mkdir(parents=True)
    write_rows(folder / "candidates.jsonl", candidates)
    write_rows(folder / "verdicts.jsonl", verdicts)
    found = measure(suite, records, candidates, verdicts)
    write_value(folder / "evaluation.json", found)
    return found


def run_of(root: Path, dev: list[dict[str, int]], tasks: str = "abcd", rate: float = 1e-4, final: str = "") -> Path:
    """Write a run that was evaluated on dev so often, and on the suite s, tasks `final`, if that is asked for."""
    root.mkdir()
    names = [f"dev-{letter}" for letter in tasks]
    for t, right in enumerate(dev):
        measured(root / f"iter_{t:02d}" / "dev", "dev", names, {f"dev-{k}": n for k, n in right.items()})
    write_rows(root / "tasks.jsonl", [Task(name, f"do {name}", "", "", "m") for name in names])
    (root / "config.yaml").write_text(yaml.safe_dump({"name": root.name, "training": {"learning_rate": rate}}))
    if final:
        last = len(dev) - 1
        end = measured(root / f"iter_{last:02d}" / "s", "s", list(final), dict.fromkeys(final, 3))
        write_value(root / "final.json", compare_arms(last, {"s": {"warm_start": end, "best": end}}))
    return root


def test_two_runs_are_compared_split_by_split(tmp_path: Path) -> None:
    a = run_of(tmp_path / "first", [{}, {"a": 4, "b": 1}], final="xyz")
    b = run_of(tmp_path / "second", [{}, {"a": 1}, {"b": 4, "c": 4, "d": 2}], rate=2e-4, final="xyz")
    result = CliRunner().invoke(app, ["compare", str(a), str(b)], catch_exceptions=False, env={"COLUMNS": "160"})
    text = " ".join(result.output.split())
    assert result.exit_code == 0
    assert "second minus first" in text
    assert "dev │ 4 │ 0.312 │ 0.625 │ +0.312 [" in text
    assert "s │ 3 │ 0.750 │ 0.750 │ +0.000 [+0.000, +0.000]" in text
    assert "dev: 4 of 4 problems that flipped" in text
    assert "dev-a │ 100% │ 0% │ 4 passed │ 4 mismatch" in text
    page = (b / "compared-with-first.html").read_text()
    assert {"dev", "differences"} == set(re.findall(r'<svg id="([\w-]+)"', page))
    assert "dev: 3 gained, 1 lost" in page
    assert "training.learning_rate" in page
    assert "is not shown to be different from first" in page
    assert page.count("iteration 2") >= 1
    assert not re.findall(r"""(?:src|href)\s*=\s*["']?\s*(?:https?:)?//""", page)
    assert 'id="sample-data"' not in page


def test_only_tasks_that_both_runs_have_are_paired_and_that_is_said(tmp_path: Path) -> None:
    a = run_of(tmp_path / "a", [{"a": 4, "b": 4}], tasks="abc", final="x")
    b = run_of(tmp_path / "b", [{"b": 1, "c": 4}], tasks="bcd")
    found = compare_runs(read_side(a), read_side(b))
    (split,) = found.splits
    assert (split.name, split.compared.problems) == ("dev", 2)
    assert split.compared.difference.value == pytest.approx((1 / 4 - 1 + 1) / 2)
    assert any("dev: paired over the 2 tasks that both measured, of 3 and 3" in notice for notice in found.notices)
    assert any(f"s is left out: {b} has not measured it" in notice for notice in found.notices)


def test_a_task_with_another_text_is_no_common_task(tmp_path: Path) -> None:
    a, b = (run_of(tmp_path / name, [{"a": 4}]) for name in "ab")
    rows = [Task(f"dev-{k}", "another" if k in "ab" else f"do dev-{k}", "", "", "m") for k in "abcd"]
    (b / "tasks.jsonl").unlink()
    write_rows(b / "tasks.jsonl", rows)
    found = compare_runs(read_side(a), read_side(b))
    assert found.splits[0].compared.problems == 2
    assert any("2 tasks of one id have other texts" in notice for notice in found.notices)


def test_runs_without_a_common_task_are_refused(tmp_path: Path) -> None:
    a, b = run_of(tmp_path / "a", [{}], tasks="ab"), run_of(tmp_path / "b", [{}], tasks="cd")
    with pytest.raises(UsageError, match="share none of its tasks, 2 and 2; expected runs on the same tasks"):
        compare_runs(read_side(a), read_side(b))


def test_a_run_beside_an_evaluation_is_told_what_to_name(tmp_path: Path) -> None:
    run = run_of(tmp_path / "a", [{}, {}])
    measured(tmp_path / "b" / "dev", "dev", ["dev-a"], {})
    with pytest.raises(UsageError, match=r"a is a run, and the other side is none: .* such as .*a/iter_00/dev$"):
        compare_any(tmp_path / "b", run, False, None, Console())


def test_a_run_that_has_not_measured_anything_is_refused(tmp_path: Path) -> None:
    run = run_of(tmp_path / "a", [])
    assert is_run(run)
    with pytest.raises(UsageError, match="has not measured anything yet: expected iter_00/dev"):
        read_side(run)


def test_a_run_still_under_way_is_represented_by_what_dev_says_so_far(tmp_path: Path) -> None:
    side = read_side(run_of(tmp_path / "a", [{}, {"a": 4}, {"a": 2}]))
    assert (side.best, list(side.chosen)) == (1, ["dev"])


def test_a_page_cannot_be_asked_for_where_two_evaluations_are_compared(tmp_path: Path) -> None:
    a, b = run_of(tmp_path / "a", [{}]) / "iter_00" / "dev", run_of(tmp_path / "b", [{}]) / "iter_00" / "dev"
    arguments = ["compare", str(a), str(b), "--out", str(tmp_path / "page.html")]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code != 0
    assert "expected two run directories" in str(result.exception)


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    a, b = (run_of(tmp_path / name, [{"a": 4}, {"b": 4}]) for name in "ab")
    text = HOSTILE.replace("\ud800", "").replace("\x00", "").replace("\x1b", "")
    (b / "config.yaml").write_text(yaml.safe_dump({"name": text, text: [text]}, allow_unicode=True))
    out = tmp_path / "page.html"
    result = CliRunner().invoke(app, ["compare", str(a), str(b), "--out", str(out)], catch_exceptions=False)
    assert result.exit_code == 0
    page = out.read_text()
    assert page.count("<script") == 1
    assert "<img" not in page
    assert "\u202e" not in page


def test_settings_that_differ_are_named_by_their_keys(tmp_path: Path) -> None:
    a, b = run_of(tmp_path / "a", [{}], rate=1e-3), run_of(tmp_path / "b", [{}], rate=1e-4)
    assert settings_that_differ(read_side(a), read_side(b)) == [("training.learning_rate", "0.001", "0.0001")]
    assert settings_that_differ(read_side(a), read_side(a)) == []


def test_what_stands_for_a_run_lies_in_the_iteration_that_dev_chose(tmp_path: Path) -> None:
    run = run_of(tmp_path / "a", [{}, {"a": 4}], final="xy")
    side = read_side(run)
    assert side.chosen["s"].problems == 2
    assert (side.folder("s") / "candidates.jsonl").is_file()


def test_runs_of_one_name_are_told_apart(tmp_path: Path) -> None:
    roots = [tmp_path / "x" / "run", tmp_path / "y" / "run", tmp_path / "y" / "other"]
    for root in roots:
        root.parent.mkdir(exist_ok=True)
        run_of(root, [{"a": 4}])
        (root / "config.yaml").write_text("name: quickstart\n")
    sides = [read_side(root) for root in roots]
    assert [side.name for side in sides] == ["quickstart"] * 3
    alike, apart = compare_runs(sides[0], sides[1]), compare_runs(sides[0], sides[2])
    assert (alike.first.name, alike.second.name) == ("first", "second")
    assert (apart.first.name, apart.second.name) == ("run", "other")
