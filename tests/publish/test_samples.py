"""Judged samples as a data set: `datasets` loads the folder, and its rows are those of the run."""

import json
import re
from pathlib import Path

import datasets
import pytest
from tests.report.synthetic_run import write_run

from itertl.config import parse_config
from itertl.disk.artefacts import read_records
from itertl.disk.rows import read_rows, write_rows
from itertl.errors import MissingToolError, UsageError
from itertl.outcome import Outcome
from itertl.publish import Wanted, export
from itertl.publish.samples import COLUMNS
from itertl.records import Candidate, Task, Verdict
from itertl.score import score as score_of

SAMPLES = Wanted("samples")
ROOT = Path(__file__).parents[2]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A run with two iterations, of which one candidate got no answer and one design is beyond the simulator."""
    run = write_run(tmp_path / "runs" / "small", 2, tasks=6, samples=3)
    (run / "config.yaml").write_text(parse_config({"name": "small", "iterations": 2}).to_yaml())
    folder = run / "iter_01"
    verdicts = list(read_records(folder / "verdicts.jsonl", Verdict))
    first = verdicts[0]
    verdicts[0] = Verdict(first.task_id, first.code_id, Outcome.UNSUPPORTED, detail="a class")
    write_rows(folder / "verdicts.jsonl", verdicts)
    with (folder / "candidates.jsonl").open("a") as file:
        file.write(Candidate(first.task_id, 1, 9, 0, "p", "", "", first.code_id, "missing").to_json() + "\n")
    return run


@pytest.fixture
def cache(tmp_path: Path) -> str:
    return str(tmp_path / "cache")


def test_datasets_loads_the_folder_with_the_rows_of_the_run(root: Path, tmp_path: Path, cache: str) -> None:
    export(root, tmp_path / "out", SAMPLES)
    found = datasets.load_dataset(str(tmp_path / "out"), cache_dir=cache)
    assert set(found) == {"train"}
    rows = found["train"]
    assert rows.column_names == [column.name for column in COLUMNS]
    drawn = [c for t in (1, 2) for c in read_records(root / f"iter_{t:02d}" / "candidates.jsonl", Candidate)]
    assert [(r["task_id"], r["iteration"], r["index"], r["completion"]) for r in rows] == [
        (c.task_id, c.iteration, c.index, c.completion) for c in drawn
    ]
    tasks = {task.id: task for task in read_records(root / "tasks.jsonl", Task)}
    verdicts = {
        (t, v.task_id, v.code_id): v
        for t in (1, 2)
        for v in read_records(root / f"iter_{t:02d}" / "verdicts.jsonl", Verdict)
    }
    for row, candidate in zip(rows, drawn, strict=True):
        task, verdict = tasks[row["task_id"]], verdicts[candidate.iteration, candidate.task_id, candidate.code_id]
        assert (row["reference"], row["suite"], row["tags"]) == (task.reference, task.suite, list(task.tags))
        if candidate.missing:
            assert (row["outcome"], row["score"], row["finish_reason"]) == (None, None, "missing")
        elif not verdict.outcome.judged:
            assert (row["outcome"], row["score"]) == ("unsupported", None)
        else:
            assert row["outcome"] == verdict.outcome.value
            assert row["score"] == pytest.approx(score_of("functional", task, candidate.code, verdict))


def test_one_iteration_and_dev_as_validation(root: Path, tmp_path: Path, cache: str) -> None:
    for name in ("candidates.jsonl", "verdicts.jsonl"):
        (root / "iter_02" / "dev" / name).write_bytes((root / "iter_02" / name).read_bytes())
    export(root, tmp_path / "out", Wanted("samples", "2"))
    found = datasets.load_dataset(str(tmp_path / "out"), cache_dir=cache)
    assert {split: set(rows["iteration"]) for split, rows in found.items()} == {"train": {2}, "validation": {2}}


def test_the_card_counts_and_explains_every_column(root: Path, tmp_path: Path) -> None:
    about = export(root, tmp_path / "out", Wanted("samples", licence="cc-by-4.0"))
    text = (tmp_path / "out" / "README.md").read_text()
    total = sum(1 for t in (1, 2) for _ in read_rows(root / f"iter_{t:02d}" / "candidates.jsonl"))
    assert about["rows"] == total
    assert f"{total} samples ({total} of `train`)" in text
    assert "license: cc-by-4.0" in text
    assert re.search(r"^\| unsupported \| [1-9] \|$", text, re.MULTILINE)
    assert json.loads((tmp_path / "out" / "itertl.json").read_text())["what"] == "samples"
    formats = (ROOT / "docs/formats.md").read_text()
    for column in COLUMNS:
        assert f"| `{column.name}` | `{column.type}` | {column.meaning} |" in text
        assert f"| `{column.name}` | `{column.type}` | {column.meaning} |" in formats


def test_a_run_without_samples_and_a_missing_package_are_named(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match="has the iterations 0, 1, 2; give one of them"):
        export(root, tmp_path / "out", Wanted("samples", "5"))
    with pytest.raises(UsageError, match="no judged samples in iteration 0 yet"):
        export(root, tmp_path / "out", Wanted("samples", "0"))
    monkeypatch.setattr("itertl.publish.samples.find_spec", lambda name: None)
    with pytest.raises(MissingToolError, match=r"needs pyarrow: pip install 'itertl\[publish\]'"):
        export(root, tmp_path / "out", SAMPLES)
    assert not (tmp_path / "out").exists()
