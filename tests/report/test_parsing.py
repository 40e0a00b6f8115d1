import json
from pathlib import Path

import pytest

from itertl.report.parsing import Estimate, decoded, estimate_of, evaluation_of, number, rows


@pytest.mark.parametrize("value", [None, True, "1", [], float("nan"), float("inf"), 10**400, -(10**400)])
def test_what_is_no_finite_number_is_none(value: object) -> None:
    assert number(value) is None


def test_numbers_are_floats() -> None:
    assert (number(3), number(0.5), number(10**300)) == (3.0, 0.5, 1e300)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "9" * 10_000, '"\\ud800'])
def test_what_is_no_json_is_none(text: str) -> None:
    assert decoded(text) is None


def test_an_estimate_says_value_and_interval() -> None:
    found = estimate_of({"value": 0.5, "low": 0.25, "high": 0.75, "sampling": None})
    assert found == Estimate(0.5, 0.25, 0.75)
    assert found.rounded(3) == "0.500 [0.250, 0.750]"
    assert str(found) == "0.50 [0.25, 0.75]"
    assert estimate_of({"low": 0.1}) is None
    assert Estimate(0.5).rounded(3) == "0.500"


def test_shares_that_are_none_are_left_out_of_an_evaluation() -> None:
    found = evaluation_of(
        {
            "pass_at": {"1": {"value": 0.5, "low": -3, "high": 0.7, "sampling": 1e300}, "5": {"value": 1e308}, "x": {}},
            "outcomes": {"passed": 0.5, "mismatch": -1, "empty": "x"},
            "per_problem": {"a": [4, 2], "b": [4, 5], "c": [10**300, 0], "d": "x", "e": [1]},
        }
    )
    assert found is not None
    assert found.pass_at == {1: Estimate(0.5, None, 0.7, None)}
    assert found.outcomes == {"passed": 0.5}
    assert found.per_problem == {"a": (4, 2)}


def test_rows_that_a_stage_is_still_writing_are_read(tmp_path: Path) -> None:
    notices: list[str] = []
    (tmp_path / "a.jsonl.partial").write_text('{"n": 1}\n{"n": 2}\n{"n": 3')
    assert [row["n"] for row in rows(tmp_path / "a.jsonl", notices)] == [1, 2]
    (tmp_path / "a.jsonl").write_text(json.dumps({"n": 4}) + "\n[1]\n\n")
    assert [row["n"] for row in rows(tmp_path / "a.jsonl", notices)] == [4]
    assert notices == [f"{tmp_path.name}/a.jsonl: 1 unreadable line skipped"]
