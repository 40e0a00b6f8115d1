"""A stranger adds a suite: one module with a `Suite`, named by its dotted path wherever a suite is named."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from itertl.cli.app import app
from itertl.config import parse_config
from itertl.errors import UsageError
from itertl.suites.load import load_suite

pytestmark = pytest.mark.usefixtures("kept_workers")

MODULE = '''
"""Gates: one folder, a design NAME.v and its bench NAME_tb.v for each problem."""

import dataclasses

from itertl import Task
from itertl.suites.suite import Preset, Prompt, Suite
from itertl.verify.official.rules import OWN_BENCH


def read_gates(folder):
    for bench in sorted(folder.glob("*_tb.v")):
        name = bench.name.removesuffix("_tb.v")
        task = Task.of((folder / f"{name}.v").read_text(), f"Write the gate {name}.", id=name)
        yield dataclasses.replace(task, testbench=bench.read_text())


def read_bare(folder):
    return [dataclasses.replace(task, testbench="") for task in read_gates(folder)]


RULE = dataclasses.replace(OWN_BENCH, seconds=5.0, sources=lambda task, text: [("all.v", task.testbench + text)])
ASKED = Preset("nobody's", 2, (0.5,), prompts={"gates": Prompt("{instruction} Begin with {header}")})
SUITE = Suite("gates", "gates", read_gates, "own_gates:RULE", presets={"gates": ASKED})
BY_REFERENCE = Suite("gates-by-reference", "gates", read_bare)
'''
HEADER = "module inverter(input a, output y);\n"
RIGHT, WRONG = f"{HEADER}  assign y = ~a;\nendmodule\n", f"{HEADER}  assign y = a;\nendmodule\n"
BENCH = """module tb;
  reg a = 0; wire y; integer wrong = 0;
  inverter i(.a(a), .y(y));
  initial begin
    #1 if (y !== 1) wrong = wrong + 1;
    a = 1; #1 if (y !== 0) wrong = wrong + 1;
    $display("Mismatches: %1d in 2 samples", wrong);
  end
endmodule
"""


@pytest.fixture
def gates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The stranger's module on the path, data beside it, and two candidates."""
    (tmp_path / "own_gates.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    folder = tmp_path / "data" / "gates"
    folder.mkdir(parents=True)
    (folder / "inverter.v").write_text(RIGHT)
    (folder / "inverter_tb.v").write_text(BENCH)
    rows = [{"task_id": "inverter", "completion": text} for text in (RIGHT, WRONG)]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def measured(folder: Path, suite: str) -> tuple[list[tuple[str | None, str]], dict[str, Any]]:
    """Evaluate the two candidates on a suite; return their verdicts, official and strict, and the result."""
    command = [
        "eval",
        suite,
        "--candidates",
        str(folder / "rows.jsonl"),
        "--data",
        str(folder / "data"),
        "--no-quality",
    ]
    ran = CliRunner().invoke(app, [*command, "--out", str(folder / "out")])
    assert ran.exit_code == 0, ran.output
    rows = [json.loads(line) for line in (folder / "out" / "rows.jsonl").read_text().splitlines()]
    return [(row["official"], row["strict"]) for row in rows], json.loads((folder / "out" / "result.json").read_text())


def test_its_own_bench_judges_by_its_own_rule(gates: Path) -> None:
    verdicts, result = measured(gates, "own_gates:SUITE")
    assert verdicts == [("passed", "passed"), ("mismatch", "mismatch")]
    assert (result["suite"], result["strict"]["per_problem"]) == ("gates", {"inverter": [2, 1]})


def test_without_a_bench_the_reference_judges(gates: Path) -> None:
    verdicts, result = measured(gates, "own_gates:BY_REFERENCE")
    assert verdicts == [(None, "passed"), (None, "mismatch")]
    assert result["suite"] == "gates-by-reference"


def test_a_config_names_it_and_its_tasks_carry_suite_and_rule(gates: Path) -> None:
    config = parse_config({"evaluation": {"suites": ["own_gates:SUITE"], "data": str(gates / "data")}})
    (task,) = load_suite(config.evaluation.suites[0], config)
    assert (task.id, task.suite, task.rule) == ("inverter", "gates", "own_gates:RULE")


def test_its_preset_asks_as_it_wishes_and_its_bench_is_tested(gates: Path) -> None:
    from itertl.config import Config
    from itertl.suites.presets import Wanted, configs_for

    (config,) = configs_for(Config(), "m", Wanted("own_gates:SUITE", preset="gates")).values()
    assert (config.policy.prompt, config.evaluation.samples) == ("{instruction} Begin with {header}", 2)
    command = ["suites", "selftest", "own_gates:SUITE", "--data", str(gates / "data"), "--mutants", "0"]
    ran = CliRunner().invoke(app, command)
    assert ran.exit_code == 0, ran.output
    assert "0 of 0 known defects found" in ran.output
    for suite, said in (("own_gates:BY_REFERENCE", "has no testbenches"), ("gym-test", "gym-test is generated")):
        ran = CliRunner().invoke(app, ["suites", "selftest", suite, "--data", str(gates / "data")])
        assert isinstance(ran.exception, UsageError)
        assert said in str(ran.exception)


def test_a_result_of_somebody_elses_imports_no_suite(gates: Path) -> None:
    measured(gates, "own_gates:SUITE")
    ran = CliRunner().invoke(app, ["replay", str(gates / "out")])
    assert isinstance(ran.exception, UsageError)
    assert "own_gates:SUITE" in str(ran.exception)
