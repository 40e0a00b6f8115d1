"""Candidates from files: rows in order, and nobody's answer is never a wrong one."""

import json
from pathlib import Path

import pytest

from itertl.disk.rows import write_rows
from itertl.errors import DataError, UsageError
from itertl.evaluation.candidates import check_kept, read_candidates
from itertl.records import Task

HEADER = "module t(input a, output y);\n"
TASK = Task("t", "Invert.", HEADER, HEADER + "assign y = ~a;\nendmodule\n", "t")


def rows(path: Path, *values: object) -> Path:
    path.write_text("".join(json.dumps(value) + "\n" for value in values))
    return path


def test_rows_are_read_in_order_with_their_prompt_and_policy(tmp_path: Path) -> None:
    row = {"task_id": "t", "completion": "assign y = a;\nendmodule", "prompt": f"Invert.\n{HEADER}", "policy": "abc"}
    path = rows(tmp_path / "rows.jsonl", row, {"task_id": "t", "completion": TASK.reference, "passed": True})
    first, second = read_candidates(path, [TASK])
    assert (first.index, first.policy, first.prompt) == (0, "abc", f"Invert.\n{HEADER}")
    assert first.code.startswith("module t")
    assert (second.index, second.policy, second.prompt) == (1, "rows.jsonl", "")
    assert list(read_candidates(path, [TASK], done=[first])) == [second]


def test_a_null_completion_is_a_missing_sample(tmp_path: Path) -> None:
    path = rows(tmp_path / "rows.jsonl", {"task_id": "t", "completion": None}, {"task_id": "t", "completion": ""})
    missing, empty = read_candidates(path, [TASK])
    assert missing.missing
    assert not empty.missing


@pytest.mark.parametrize("row", [{"task_id": "t"}, {"task_id": "t", "completion": 1}, {"completion": "x"}])
def test_a_wrong_row_is_named_by_its_line(row: object, tmp_path: Path) -> None:
    path = rows(tmp_path / "rows.jsonl", {"task_id": "t", "completion": ""}, row)
    with pytest.raises(DataError, match=r"rows.jsonl:2: expected text for task_id and completion"):
        list(read_candidates(path, [TASK]))


def test_an_evaluation_of_other_rows_is_not_taken_for_this_one(tmp_path: Path) -> None:
    path, kept = rows(tmp_path / "rows.jsonl", {"task_id": "t", "completion": "a"}), tmp_path / "kept.jsonl"
    check_kept(kept, path, [TASK])
    write_rows(kept, read_candidates(path, [TASK]))
    check_kept(kept, path, [TASK])
    rows(path, {"task_id": "t", "completion": "b"})
    with pytest.raises(UsageError, match=r"holds the evaluation of other candidates .* differs at t\); choose another"):
        check_kept(kept, path, [TASK])
    rows(path, {"task_id": "t", "completion": "a"}, {"task_id": "t", "completion": "a"})
    with pytest.raises(UsageError, match="has more rows"):
        check_kept(kept, path, [TASK])
