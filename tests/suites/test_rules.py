"""Rules of published suites: found by their paths; a command line, a config or a suite chooses them, never a row."""

import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from itertl.cli.app import app
from itertl.config import Config
from itertl.disk.artefacts import Rows, read_records
from itertl.errors import DataError, UsageError
from itertl.records import Task
from itertl.suites.find import find_rule
from itertl.suites.load import load_suite
from itertl.suites.published import PUBLISHED
from itertl.suites.verilog_eval_v2 import code_complete, spec_to_rtl
from itertl.tasks.files import read_tasks
from itertl.verify.official.rules import OWN_BENCH, rule_of

pytestmark = pytest.mark.usefixtures("kept_workers")

HEADER = "module t(input a, output y);\n"
ROW: dict[str, Any] = {
    "id": "t",
    "instruction": "Invert.",
    "header": HEADER,
    "reference": f"{HEADER}  assign y = ~a;\nendmodule\n",
    "testbench": "module tb; reg a = 0; wire y; t t1(a, y);\n"
    '  initial #1 if (y) $display("pass"); else $display("fail");\nendmodule\n',
}
TRAP = "trap_that_a_row_names"


@pytest.fixture
def trap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module on the path that leaves a file behind where somebody imports it."""
    sprung = tmp_path / "sprung"
    (tmp_path / f"{TRAP}.py").write_text(
        f"import pathlib\npathlib.Path({str(sprung)!r}).touch()\n"
        "from itertl.suites.suite import Suite\nfrom itertl.verify.official.rules import OWN_BENCH as RULE\n"
        "SUITE = Suite('trap', 'trap', list)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, TRAP, raising=False)
    return sprung


def written(path: Path, **changed: str) -> Path:
    """Write one row and return its file."""
    path.write_text(json.dumps({**ROW, **changed}) + "\n")
    return path


def test_every_published_suite_names_a_rule_that_is_there() -> None:
    for suite in PUBLISHED.values():
        assert rule_of(suite.rule) is not OWN_BENCH
    assert rule_of("") is OWN_BENCH
    pasting = {name for name, suite in PUBLISHED.items() if rule_of(suite.rule).pastes_header}
    assert pasting == {"verilogeval-v1-human", "verilogeval-v1-machine", "verilogeval-v2-code-complete"}


def test_a_rule_is_named_by_its_suite_or_by_its_path() -> None:
    assert find_rule("") == find_rule("gym-test") == ""
    assert find_rule("rtllm-v2") == "itertl.suites.rtllm:RULE"
    assert find_rule("own.module:RULE") == "own.module:RULE"
    with pytest.raises(UsageError, match="did you mean 'rtllm-v2'"):
        find_rule("rtllmv2")


@pytest.mark.parametrize("field", ["suite", "rule"])
def test_a_row_that_names_code_imports_nothing(field: str, trap: Path, tmp_path: Path) -> None:
    rows = written(tmp_path / "rows.jsonl", **{field: f"{TRAP}:RULE"})
    candidates = tmp_path / "candidates.jsonl"
    candidates.write_text(json.dumps({"task_id": "t", "completion": ROW["reference"], field: f"{TRAP}:RULE"}) + "\n")
    with pytest.raises(DataError, match=f"{TRAP}:RULE"):
        load_suite(f"file:{rows}", Config())
    commands = [
        ["eval", f"file:{rows}", "--candidates", str(candidates), "--out", str(tmp_path / "eval")],
        ["verify", "--candidates", str(candidates), "--tasks", str(rows), "--out", str(tmp_path / "verdicts.jsonl")],
        ["data", "stats", str(rows)],
        ["audit", str(rows), "gym-test"],
    ]
    for command in commands:
        CliRunner().invoke(app, command)
    with pytest.raises(DataError, match="names no rule"):
        Task.from_dict({**ROW, "top": "t", "suite": "x", "rule": f"{TRAP}:RULE"})
    assert not trap.exists()
    assert TRAP not in sys.modules


def test_a_row_of_ones_own_keeps_what_it_says_of_its_origin_and_may_name_a_published_suite(tmp_path: Path) -> None:
    (origin,) = read_tasks(written(tmp_path / "rows.jsonl", suite="owner/name:train"))
    assert (origin.suite, origin.rule) == ("owner/name:train", "")
    for suite, rule in (("owner/name:train", ""), ("rtllm-v2", "itertl.suites.rtllm:RULE"), ("file", "")):
        (task,) = load_suite(f"file:{written(tmp_path / 'rows.jsonl', suite=suite)}", Config())
        assert (task.suite, task.rule) == (suite, rule)


def test_no_file_holds_a_rule_and_files_without_one_are_read(tmp_path: Path) -> None:
    task = dataclasses.replace(Task.of(ROW["reference"]), suite="s", rule="itertl.suites.rtllm:RULE")
    assert "rule" not in task.to_dict()
    assert "rule" not in json.loads(task.to_json())
    path = tmp_path / Rows("tasks.jsonl", Task).name
    path.write_text(task.to_json() + "\n")
    assert list(read_records(path, Task)) == [dataclasses.replace(task, rule="")]


def test_a_dotted_path_on_the_command_line_is_imported(trap: Path, tmp_path: Path) -> None:
    reference, bench = tmp_path / "t.v", tmp_path / "tb.v"
    reference.write_text(ROW["reference"])
    bench.write_text(ROW["testbench"])
    command = ["verify", str(reference), "--reference", str(reference), "--testbench", str(bench)]
    ran = CliRunner().invoke(app, [*command, "--rule", f"{TRAP}:RULE"])
    assert ran.exit_code == 0, ran.output
    assert trap.exists()


def test_answers_are_taken_apart_as_verilog_eval_does_it() -> None:
    module = "module TopModule();\nendmodule"
    assert spec_to_rtl(f"Sure.\n[BEGIN]\n{module}\n[DONE]\nBye.", "TopModule").strip() == module
    assert spec_to_rtl(f"[BEGIN]\n{module}", "TopModule").strip() == ""
    assert spec_to_rtl(f"Sure.\n```\n{module}\n```", "TopModule").strip() == module
    completed = code_complete("endmodule", "module TopModule();", "TopModule")
    assert completed.split() == ["module", "TopModule();", "endmodule"]
    assert code_complete(f"Text.\n{module}\nText.", "HEADER", "TopModule").strip() == module
