"""An evaluation replayed: the same numbers from what it left, or the differences by name."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from itertl.cli.app import app
from itertl.errors import DataError, UsageError
from itertl.evaluation.replay import environment_changes

pytestmark = pytest.mark.usefixtures("kept_workers")

HEADER = "module inv(input a, output y);\n"
TASK = {"id": "inv", "instruction": "Invert.", "header": HEADER, "reference": f"{HEADER}assign y = ~a;\nendmodule\n"}
ANSWERS = ["assign y = ~a;\nendmodule", "assign y = a;\nendmodule", "nothing", None]


@pytest.fixture
def evaluated(tmp_path: Path) -> Path:
    """An evaluation of four rows on a suite of one's own."""
    (tmp_path / "own.jsonl").write_text(json.dumps(TASK) + "\n")
    rows = [{"task_id": "inv", "completion": answer} for answer in ANSWERS]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    out = tmp_path / "result"
    suite = f"file:{tmp_path / 'own.jsonl'}"
    ran = run("eval", suite, "--candidates", tmp_path / "rows.jsonl", "--out", out, "--no-quality")
    assert ran[0] == 0, ran[1]
    return out


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [*map(str, arguments)])
    if isinstance(result.exception, DataError | UsageError):
        raise result.exception
    return result.exit_code, " ".join(result.output.split())


def test_missing_rows_are_counted_apart_and_the_result_says_so(evaluated: Path) -> None:
    lines = [json.loads(line)["strict"] for line in (evaluated / "rows.jsonl").read_text().splitlines()]
    assert lines == ["passed", "mismatch", "empty", "missing"]
    result = json.loads((evaluated / "result.json").read_text())
    assert result["strict"]["per_problem"] == {"inv": [3, 1]}
    assert result["strict"]["missing"] == 1
    assert result["official"] is None
    assert not result["complete"]
    assert result["settings"] == {"candidates": "rows.jsonl"}
    assert {"python", "packages", "tools"} <= result["environment"].keys()


def test_settings_of_a_draw_are_refused_for_candidates_that_are_drawn(tmp_path: Path) -> None:
    command = ("eval", "gym-test", "--candidates", tmp_path / "rows.jsonl", "--out", tmp_path / "out")
    with pytest.raises(UsageError, match=r"-n, --top-p: settings of a draw, but --candidates are drawn already"):
        run(*command, "-n", "3", "--top-p", "0.5")
    assert not (tmp_path / "out").exists()


def test_a_result_replays_and_its_file_alone_does_with_the_candidates(evaluated: Path, tmp_path: Path) -> None:
    status, text = run("replay", evaluated)
    assert (status, "every number is the same" in text) == (0, True)
    assert run("replay", evaluated)[1].startswith("this replay was done before")
    bare = tmp_path / "bare" / "result.json"
    bare.parent.mkdir()
    bare.write_bytes((evaluated / "result.json").read_bytes())
    with pytest.raises(UsageError, match=r"candidates\.jsonl does not exist: give the result's candidates"):
        run("replay", bare)
    status, text = run("replay", bare, "--candidates", tmp_path / "rows.jsonl", "--out", tmp_path / "again")
    assert (status, "rows could not be compared" in text) == (0, True)


def test_what_does_not_replay_is_shown_row_by_row(evaluated: Path) -> None:
    verdicts = evaluated / "rows.jsonl"
    verdicts.write_text(verdicts.read_text().replace("mismatch", "passed"))
    result = json.loads((evaluated / "result.json").read_text())
    result["strict"]["per_problem"]["inv"] = [3, 2]
    (evaluated / "result.json").write_text(json.dumps(result))
    status, text = run("replay", evaluated)
    assert status == 1
    assert "1 of 1, 2 samples │ 1 of 1, 1 sample" in text
    assert "inv │ 1 │ strict passed │ strict mismatch" in text
    assert "the result does not replay" in text


def test_digits_of_numbers_that_differ_are_told_in_full(evaluated: Path) -> None:
    result = json.loads((evaluated / "result.json").read_text())
    found = result["strict"]["pass_at"]["1"]["value"]
    result["strict"]["pass_at"]["1"]["value"] = found + 1e-9
    (evaluated / "result.json").write_text(json.dumps(result))
    text = run("replay", evaluated)[1]
    assert f"pass@1, strict │ {found + 1e-9} │ {found}" in text


def test_other_candidates_or_another_suite_are_refused(evaluated: Path, tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text(json.dumps({"task_id": "inv", "completion": "other"}) + "\n")
    with pytest.raises(DataError, match="the result was measured on"):
        run("replay", evaluated, "--candidates", tmp_path / "rows.jsonl")
    (tmp_path / "own.jsonl").write_text(json.dumps({**TASK, "instruction": "Inverted."}) + "\n")
    with pytest.raises(DataError, match="own here has the digest"):
        run("replay", evaluated)
    with pytest.raises(UsageError, match="expected the --out of an `itertl eval`"):
        run("replay", tmp_path)


def test_what_changed_in_the_environment_is_named() -> None:
    before = {"python": "3.11.7", "tools": {"iverilog": "11.0"}, "cores": 2}
    after = {"python": "3.11.7", "tools": {"iverilog": "12.0", "yosys": "0.23"}, "cores": 2}
    assert environment_changes(before, after) == ["tools.iverilog 11.0 -> 12.0", "tools.yosys absent -> 0.23"]


@pytest.mark.slow
def test_samples_drawn_anew_are_the_same_or_said_to_differ(tmp_path: Path) -> None:
    out = tmp_path / "result"
    status, text = run(
        "eval", "gym-test", "--model", "embedded", "-n", "1", "--limit", "2", "--out", out, "--no-quality"
    )
    assert status == 0, text
    status, text = run("replay", out, "--model", "embedded")
    assert (status, "every number is the same" in text) == (0, True)
    result = json.loads((out / "result.json").read_text())
    result["config"]["sampling"]["max_new_tokens"] = 4
    (out / "result.json").write_text(json.dumps(result))
    status, text = run("replay", out, "--model", "embedded", "--out", tmp_path / "other")
    assert (status, "the result does not replay" in text) == (1, True)
