"""`itertl data`: counts that add up, reasons for every dropped row, conversion from the formats that people have."""

import json
from pathlib import Path

import datasets
import pytest
from typer.testing import CliRunner

from itertl.cli.app import app
from itertl.disk.rows import write_rows
from itertl.errors import DataError, UsageError
from itertl.tasks import gym
from itertl.tasks.files import read_tasks


def itertl(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return " ".join(result.output.split())


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """Three gym tasks, one of them twice, one reference that lacks a module and one that drives nothing."""
    path = tmp_path / "rows.jsonl"
    tasks = gym.generate("train", 3, 1)
    write_rows(path, tasks)
    broken = "module b(input a, output y); missing u(.a(a), .y(y)); endmodule"
    silent = "module s(input a, output y); endmodule"
    with path.open("a") as file:
        for row in (
            {"id": "again", "instruction": tasks[0].instruction, "reference": "// c\n" + tasks[0].reference},
            {"Instruction": "Use a module.", "Input": "", "Response": [broken]},
            {"id": "silent", "instruction": "Nothing.", "reference": silent},
        ):
            file.write(json.dumps(row) + "\n")
    return path


def test_every_dropped_row_has_its_reason(rows: Path, tmp_path: Path) -> None:
    out, dropped = tmp_path / "fit.jsonl", tmp_path / "dropped.jsonl"
    text = itertl("data", "filter", rows, "--out", out, "--dropped", dropped)
    assert [task.id for task in read_tasks(out)] == [task.id for task in gym.generate("train", 3, 1)]
    reasons = [json.loads(line)["reason"] for line in dropped.read_text().splitlines()]
    assert reasons[0] == f"duplicate of {gym.generate('train', 3, 1)[0].id}"
    assert "does not elaborate alone" in reasons[1]
    assert "never drives" in reasons[2]
    assert len(reasons) == 3
    assert "read │ 6" in text
    assert "kept │ 3" in text


def test_filters_can_be_switched_off(rows: Path, tmp_path: Path) -> None:
    out = tmp_path / "fit.jsonl"
    itertl("data", "filter", rows, "--out", out, "--no-self-contained", "--no-verified", "--near", "2")
    assert len(read_tasks(out)) == 5
    itertl("data", "filter", rows, "--out", out, "--no-self-contained", "--no-verified", "--longest", "25")
    assert [task.id for task in read_tasks(out)][-1] == "silent"


def test_statistics_count_what_is_there(rows: Path) -> None:
    text = itertl("data", "stats", rows)
    for expected in ("rows │ 6", "exact duplicates │ 1", "references that elaborate alone │ 5"):
        assert expected in text


def test_a_hugging_face_dataset_becomes_tasks(rows: Path, tmp_path: Path) -> None:
    tasks = gym.generate("train", 3, 1)
    table = datasets.Dataset.from_dict(
        {"prompt": [t.instruction for t in tasks], "solution": [t.reference for t in tasks]}
    )
    table.save_to_disk(str(tmp_path / "saved"))
    table.to_parquet(str(tmp_path / "rows.parquet"))
    out = tmp_path / "tasks.jsonl"
    for source in ("saved", "rows.parquet"):
        columns = ("--column", "instruction=prompt", "--column", "reference=solution")
        itertl("data", "convert", tmp_path / source, "--out", out, *columns)
        assert [task.reference for task in read_tasks(out)] == [task.reference for task in tasks]


def test_rtlcoders_rows_are_converted(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "tasks.jsonl"
    itertl("data", "convert", data / "rtlcoder" / "data_sample.json", "--out", out)
    assert len(read_tasks(out)) == 10


def test_columns_that_are_wrong_are_named(rows: Path, tmp_path: Path) -> None:
    out = tmp_path / "tasks.jsonl"
    with pytest.raises(UsageError, match=r"ours=theirs.*'prompt'"):
        itertl("data", "convert", rows, "--out", out, "--column", "prompt")
    with pytest.raises(DataError, match=r"rows\.jsonl:1: has no columns \['text'\]"):
        itertl("data", "convert", rows, "--out", out, "--column", "instruction=text")
    assert not out.exists()
