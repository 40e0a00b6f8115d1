"""`itertl data`: counts that add up, reasons for every dropped row, conversion from the formats that people have."""

import json
from pathlib import Path
from typing import Literal

import datasets
import pytest
from typer.testing import CliRunner

from itertl.cli.app import app
from itertl.config import TasksConfig, VerifyConfig
from itertl.disk.rows import write_rows
from itertl.errors import DataError, UsageError
from itertl.tasks import gym
from itertl.tasks.files import read_tasks
from itertl.tasks.load import load_tasks


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


COPY = "module copy(input a, output y); assign y = a; endmodule"
BLIND = """module blind(input clk, input rst, output reg [31:0] q, output reg found);
  always @(posedge clk) begin
    q <= rst ? 32'd0 : q + 32'd1;
    found <= !rst && q == 32'hdead_beef;
  end
endmodule"""


def test_rows_whose_reference_no_stimulus_exercises_are_dropped_where_asked_for(rows: Path, tmp_path: Path) -> None:
    with rows.open("a") as file:
        file.write(json.dumps({"id": "blind", "instruction": "Find a rare count.", "reference": BLIND}) + "\n")
    kept, fit, dropped = tmp_path / "kept.jsonl", tmp_path / "fit.jsonl", tmp_path / "dropped.jsonl"
    itertl("data", "filter", rows, "--out", kept)
    text = itertl("data", "filter", rows, "--out", fit, "--dropped", dropped, "--exercised")
    assert {t.id for t in read_tasks(kept)} - {t.id for t in read_tasks(fit)} == {"blind"}
    reasons = {row["id"]: row["reason"] for row in map(json.loads, dropped.read_text().splitlines())}
    assert reasons["blind"].startswith("its reference is not exercised: ")
    assert "found never became 1" in reasons["blind"]
    assert "dropped: its reference is not exercised │ 1" in text


@pytest.mark.parametrize("exercised", ["keep", "drop"])
def test_a_run_keeps_or_drops_tasks_whose_reference_is_not_exercised(
    tmp_path: Path, exercised: Literal["keep", "drop"]
) -> None:
    rows = tmp_path / "rows.jsonl"
    write_rows(rows, gym.generate("train", 5, 1))
    with rows.open("a") as file:
        file.write(json.dumps({"id": "blind", "instruction": "Find a rare count.", "reference": BLIND}) + "\n")
    config = TasksConfig(file=str(rows), exercised=exercised)
    found = {task.id for task in load_tasks(config, 1, VerifyConfig(workers=1))}
    assert ("blind" in found) == (exercised == "keep")


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


def test_equal_rows_without_ids_are_counted_dropped_and_converted(tmp_path: Path) -> None:
    rows, out = tmp_path / "rows.jsonl", tmp_path / "out.jsonl"
    rows.write_text((json.dumps({"instruction": "Copy.", "reference": COPY}) + "\n") * 3)
    assert "exact duplicates │ 2" in itertl("data", "stats", rows)
    assert "dropped: duplicate │ 2" in itertl("data", "filter", rows, "--out", out)
    itertl("data", "convert", rows, "--out", out)
    first, *more = [task.id for task in read_tasks(out)]
    assert more == [f"{first}-2", f"{first}-3"]
    itertl(
        "data", "convert", rows, "--out", out, "--column", "instruction=instruction", "--column", "reference=reference"
    )
    assert [task.id for task in read_tasks(out)] == [first, *more]
    assert "3 rows against 3 problems" in itertl(
        "audit", rows, rows, "--threshold", "1", "--allow", first, *allowed(more)
    )


def allowed(names: list[str]) -> list[str]:
    return [word for name in names for word in ("--allow", name)]


def test_columns_that_are_wrong_are_named(rows: Path, tmp_path: Path) -> None:
    out = tmp_path / "tasks.jsonl"
    with pytest.raises(UsageError, match=r"ours=theirs.*'prompt'"):
        itertl("data", "convert", rows, "--out", out, "--column", "prompt")
    with pytest.raises(DataError, match=r"rows\.jsonl:1: has no columns \['text'\]"):
        itertl("data", "convert", rows, "--out", out, "--column", "instruction=text")
    assert not out.exists()
