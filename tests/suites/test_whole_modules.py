"""Answers that are whole modules under VerilogEval v1: pasted by the official rule, alone where that is asked for."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from itertl.cli.app import app
from itertl.verilog.extract import opens_module

pytestmark = pytest.mark.usefixtures("kept_workers")

HEADER = "module top_module(\n\tinput a,\n\toutput y\n);\n"
BODY = "assign y = ~a;\nendmodule\n"
BENCH = """module tb;
  reg a = 0; wire y;
  integer wrong = 0;
  top_module t(.a(a), .y(y));
  initial begin
    #1 if (y !== 1) wrong = wrong + 1;
    a = 1;
    #1 if (y !== 0) wrong = wrong + 1;
    $display("Mismatches: %1d in 2 samples", wrong);
  end
endmodule
"""
FENCED = f"Here is the module you asked for:\n```verilog\n{HEADER}{BODY}```\nIt inverts a.\n"
ANSWERS = [HEADER + BODY, FENCED, (HEADER + BODY).replace("~a", "a"), BODY, HEADER + "assign y = ~"]
STRICT = ["passed", "passed", "mismatch", "passed", "empty"]


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A folder of suites in which VerilogEval v1 has one problem, and answers to it."""
    folder = tmp_path / "data" / "verilog-eval-v1"
    folder.mkdir(parents=True)
    row = {"task_id": "not1", "prompt": HEADER, "canonical_solution": BODY, "test": BENCH}
    words = {"task_id": "not1", "detail_description": "Invert a."}
    (folder / "VerilogEval_Human.jsonl").write_text(json.dumps(row) + "\n")
    (folder / "VerilogDescription_Human.jsonl").write_text(json.dumps(words) + "\n")
    rows = tmp_path / "rows.jsonl"
    rows.write_text("".join(json.dumps({"task_id": "not1", "completion": text}) + "\n" for text in ANSWERS))
    return tmp_path


def measured(suite: Path, out: str, *more: str) -> tuple[Result, list[tuple[str, str]]]:
    """Return what an eval of the answers prints, and both outcomes of each."""
    data, rows = str(suite / "data"), str(suite / "rows.jsonl")
    command = ["eval", "verilogeval-v1-human", "--candidates", rows, "--data", data, "--no-quality", *more]
    found = CliRunner().invoke(app, [*command, "--out", str(suite / out)], env={"COLUMNS": "300"})
    if found.exit_code:
        return found, []
    lines = (suite / out / "rows.jsonl").read_text().splitlines()
    return found, [(row["official"], row["strict"]) for row in map(json.loads, lines)]


def test_whole_modules_fail_officially_which_is_said_and_are_judged_alone_on_request(suite: Path) -> None:
    pasted, rows = measured(suite, "pasted")
    assert [strict for _, strict in rows] == STRICT
    assert [official for official, _ in rows] == [*["syntax_error"] * 3, "passed", "syntax_error"]
    assert "80.0% of the answers begin a module of their own" in pasted.stdout
    assert "--whole judges them without it" in pasted.stdout
    whole, rows = measured(suite, "whole", "--whole")
    assert [strict for _, strict in rows] == STRICT
    assert [official for official, _ in rows] == ["passed", "passed", "mismatch", "passed", "syntax_error"]
    assert "without the header" in whole.stdout
    kept = json.loads((suite / "whole" / "result.json").read_text())
    assert kept["settings"]["whole"] is kept["config"]["evaluation"]["whole"] is True
    assert "begin a module of their own" in (suite / "pasted" / "report.html").read_text()
    assert "judged without the header" in (suite / "whole" / "report.html").read_text()
    again, _ = measured(suite, "pasted", "--whole")
    assert "evaluation.whole" in str(again.exception)
    both = ["compare", str(suite / "pasted"), str(suite / "whole"), "--official"]
    assert "was judged with --whole" in CliRunner().invoke(app, both, env={"COLUMNS": "300"}).stdout
    replayed = ["replay", str(suite / "whole"), "--data", str(suite / "data")]
    assert CliRunner().invoke(app, replayed).exit_code == 0


def test_a_suite_that_pastes_nothing_refuses_whole(suite: Path) -> None:
    command = ["eval", "gym-test", "--candidates", str(suite / "rows.jsonl"), "--whole", "--out", str(suite / "gym")]
    assert "pastes no header" in str(CliRunner().invoke(app, command).exception)


def test_verify_reads_a_bench_as_the_suite_does_with_and_without_the_pasted_header(suite: Path) -> None:
    design, bench = suite / "design.v", suite / "bench.v"
    design.write_text(HEADER + BODY)
    bench.write_text(BENCH)
    command = ["verify", str(design), "--testbench", str(bench), "--rule", "verilogeval-v1-human", "--json"]
    pasted = CliRunner().invoke(app, command)
    assert json.loads(pasted.stdout)["official"] == "syntax_error"
    assert json.loads(CliRunner().invoke(app, [*command, "--whole"]).stdout)["official"] == "passed"
    refused = CliRunner().invoke(app, [*command[:4], "--whole"])
    assert "pastes no header" in str(refused.exception)


@pytest.mark.parametrize(
    ("completion", "opens"),
    [
        (HEADER + BODY, True),
        (FENCED, True),
        ("module half(input a); endmodule\n" + HEADER + BODY, True),
        (HEADER, True),  # cut off
        ("<think>module top_module(input a); endmodule</think>" + BODY, False),
        (BODY, False),
        (BODY + HEADER + BODY, False),
        ("The module inverts a.\n" + BODY, False),
        ("// module top_module(input a);\n" + BODY, False),
        ("", False),
    ],
)
def test_what_begins_a_module_of_its_own(completion: str, opens: bool) -> None:
    assert opens_module(completion) is opens
