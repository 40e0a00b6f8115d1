"""What benchmarks/kills.py says of a file of verdicts: rows that are lost, there twice, or different."""

import json
from pathlib import Path
from typing import Any

from benchmarks.judge_load import differs
from benchmarks.kills import Case, written

from itertl.outcome import Outcome
from itertl.records import Verdict


def row(name: str, outcome: str = "passed", seconds: float = 0.0) -> dict[str, Any]:
    return {"task_id": "t", "code_id": name, "outcome": outcome, "seconds": seconds}


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(each) + "\n" for each in rows))
    return path


def test_rows_that_are_lost_twice_or_different_are_counted_and_seconds_are_not(tmp_path: Path) -> None:
    case = Case(tmp_path, 4)
    write(case.undisturbed, [row(name) for name in "abcd"])
    sound = case.compared("node", 10, write(tmp_path / "sound", [row(name, seconds=9.0) for name in "abcd"]), 1.0)
    assert (sound.rows, sound.lost, sound.twice, sound.different) == (4, 0, 0, 0)
    rows = [row("a"), row("a"), row("b", "mismatch"), row("d"), row("new")]
    broken = case.compared("node", 10, write(tmp_path / "broken", rows), 1.0)
    assert (broken.rows, broken.lost, broken.twice, broken.different) == (5, 1, 2, 2)
    assert (written(tmp_path / "broken"), written(tmp_path / "none")) == (5, 0)


def test_an_answer_of_the_judge_differs_in_anything_but_names_and_seconds() -> None:
    right = Verdict("here", "code", Outcome.MISMATCH, 0.5, "y: 1, expected 0", seconds=1.0)
    found = right.to_dict() | {"task_id": "there", "seconds": 2.0}
    assert not differs(found, right)
    assert differs(found | {"agreement": 0.25}, right)
