"""What the terminal says of text: which module is judged, lines of one's own file, why there is no answer."""

import json
from pathlib import Path

import pytest
from tests.cli.program import itertl

from itertl.commands.policy import find_policy
from itertl.errors import UsageError

REFERENCE = "module inv(input a, output y);\n  assign y = ~a;\nendmodule\n"
DRAFT = REFERENCE.replace("~a", "a")


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    """An inverter in a file."""
    path = tmp_path / "ref.v"
    path.write_text(REFERENCE)
    return path


def told(reference: Path, text: str) -> tuple[int, str]:
    """Return the exit status of verifying `text`, and what was printed."""
    path = reference.with_name("design.md")
    path.write_text(text)
    found = itertl("verify", path, "--reference", reference, ITERTL_CACHE="off")
    return found.returncode, found.stdout + found.stderr


def test_which_of_several_modules_is_judged(reference: Path) -> None:
    status, said = told(reference, f"Draft:\n```\n{DRAFT}```\nBetter:\n```\n{REFERENCE}```\n")
    assert status == 0
    assert "judged: the last of 2 modules inv, line 9" in said
    assert "judged" not in told(reference, REFERENCE)[1]


def test_lines_are_those_of_the_users_file(reference: Path) -> None:
    design = REFERENCE.replace("~a;", "K; wire bit;")
    status, said = told(reference, f"Here:\n```\nlocalparam K = 1;\n\n{design}```\n")
    assert status == 1
    assert "line 6: " in said
    assert "bit is a keyword" in said


def test_a_cut_answer_is_told(reference: Path) -> None:
    status, said = told(reference, f"<think>\n{DRAFT}\nbut")
    assert status == 1
    assert "empty: cut: the text ends inside of a thinking block" in said


def test_nothing_verified_is_no_success(tmp_path: Path) -> None:
    rows, tasks = tmp_path / "rows.jsonl", tmp_path / "tasks.jsonl"
    rows.write_text("")
    tasks.write_text(json.dumps({"id": "inv", "instruction": "Invert.", "reference": REFERENCE}) + "\n")
    found = itertl("verify", "--candidates", rows, "--tasks", tasks, "--out", tmp_path / "out.jsonl")
    assert found.returncode == 2
    assert "nothing was verified" in found.stderr


def test_places_that_cannot_be_written_are_found_first(reference: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    gone = tmp_path / "gone" / "out.jsonl"
    for arguments in (
        ("mutate", reference, "--out", tmp_path / "file" / "mutants"),
        ("verify", reference, "--reference", reference, "--vcd", gone),
        ("data", "filter", tmp_path / "missing.jsonl", "--out", gone),
        ("data", "convert", tmp_path / "missing.jsonl", "--out", gone),
    ):
        found = itertl(*arguments)
        assert found.returncode == 2, arguments
        assert "cannot be" in found.stderr
        assert "missing.jsonl" not in found.stderr


def test_an_empty_folder_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    for model in (str(tmp_path / "model"), "./nomodel"):
        with pytest.raises(UsageError, match=Path(model).name):
            find_policy(model)


def test_columns_of_rows_need_no_package_and_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "datasets", None)
    rows, out = tmp_path / "rows.jsonl", tmp_path / "out.jsonl"
    asked = ("data", "convert", rows, "--column", "instruction=text", "--column", "reference=code", "--out", out)
    fenced = f"Sure:\n```verilog\n`timescale 1ns/1ps\n{REFERENCE}```\nDone."
    rows.write_text(json.dumps({"text": "Use ```code```.", "code": fenced}) + "\n")
    assert itertl(*asked).returncode == 0
    row = json.loads(out.read_text())
    assert (row["reference"], row["instruction"]) == (REFERENCE, "Use ```code```.")
    for values, said in (
        ({"text": {"long": "Invert."}, "code": REFERENCE}, "rows.jsonl:1: expected text in text, found dict"),
        ({"text": "Invert.", "code": None}, "rows.jsonl:1: expected text in code, found NoneType"),
        ({"text": "Invert.", "code": " "}, "rows.jsonl:1: code is empty"),
        ({"text": "Invert.", "code": fenced.replace("endmodule", "")}, "code holds no complete module: cut"),
    ):
        rows.write_text(json.dumps(values) + "\n")
        found = itertl(*asked)
        assert found.returncode == 2
        assert said in found.stderr
