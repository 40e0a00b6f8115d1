"""The self-test tells a bench that overlooks defects from one that does not, and continues where it was interrupted."""

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.cli.program import itertl
from typer.testing import CliRunner

from itertl.cli.app import app
from itertl.commands import selftest as command
from itertl.disk.artefacts import Stream
from itertl.errors import DataError, UsageError
from itertl.evaluation.findings import Strength, counted, found_defects, not_judged, tool_errors
from itertl.evaluation.selftest import REFERENCE, STUBS, Checked, designs, selftest
from itertl.outcome import Outcome
from itertl.records import Task
from itertl.suites.known_defects import Kind
from itertl.verify import VerifySettings

pytestmark = pytest.mark.usefixtures("kept_workers")

SETTINGS = VerifySettings(workers=2)
ADDER = "module adder(input [3:0] a, input [3:0] b, output [4:0] s);\n  assign s = a + b;\nendmodule\n"
FIFO = """module fifo(input [1:0] clk, input en, input d, output reg q);
  reg held;
  always @(posedge clk[0]) held <= d & en;
  always @(posedge clk[1]) q <= held;
endmodule
"""


def adder(name: str, values: int) -> Task:
    """Return a task whose bench tries `values` values of each operand."""
    bench = f"""module tb;
  reg [3:0] a, b; wire [4:0] s; integer i, j, wrong = 0, n = 0;
  adder dut(.a(a), .b(b), .s(s));
  initial begin
    for (i = 0; i < {values}; i = i + 1) for (j = 0; j < {values}; j = j + 1) begin
      a = i; b = j; #1 n = n + 1;
      if (s !== i + j) wrong = wrong + 1;
    end
    $display("Mismatches: %0d in %0d samples", wrong, n);
    $finish;
  end
endmodule
"""
    return Task(name, "", "", ADDER, "adder", testbench=bench)


def test_mutants_show_a_weak_bench_and_leave_a_strong_one_alone() -> None:
    rows = list(selftest([adder("weak", 1), adder("strong", 16)], SETTINGS, 10))
    assert {r.task_id for r in rows if r.design == REFERENCE and r.ours is Outcome.PASSED} == {"weak", "strong"}
    found = found_defects(rows)
    assert ("weak", Kind.MUTANT_PASSES) in found
    assert not [pair for pair in found if pair[0] == "strong"]
    strength = Strength.of(rows)
    assert set(strength.survivors) == {"weak"}
    for survivor in strength.survivors["weak"]:
        assert survivor.differs
        assert (survivor.strict, survivor.official) == (Outcome.PASSED, Outcome.PASSED)
        assert survivor.kind
        assert survivor.line == 2
        assert " -> " in survivor.change
        assert "s expected" in survivor.difference
        assert "expected" in found["weak", Kind.MUTANT_PASSES]
    by_problem = counted(rows)
    killed, number = strength.strict
    assert number == sum(map(len, by_problem.values()))
    assert number - killed == len(strength.survivors["weak"])
    assert all(r.strict is not Outcome.PASSED for r in by_problem["strong"])
    assert strength.official == strength.strict
    kinds = {r.kind for r in rows} - {""}
    assert sum(Strength.of(rows, kind).strict[1] for kind in kinds) == number


def test_a_weak_bench_hides_stubs_only_where_they_are_wrong() -> None:
    found = found_defects(list(selftest([adder("weak", 1)], SETTINGS)))
    assert found == {("weak", Kind.STUB_PASSES): "passed by wrong designs: zeros"}


def test_a_bench_that_fails_everything_proves_nothing() -> None:
    task = adder("broken", 2)
    broken = Task.from_dict({**task.to_dict(), "testbench": task.testbench.replace("i + j", "i - j - 1")})
    rows = list(selftest([broken], SETTINGS, 4))
    assert {kind for _, kind in found_defects(rows)} == {Kind.REFERENCE_FAILS, Kind.NO_STRICT}
    strength = Strength.of(rows)
    assert strength.official == strength.strict == (0, 0)
    assert strength.unclear == sum(r.differs for r in rows if r.kind) > 0
    assert counted(rows) == {"broken": []}
    assert tool_errors(rows) == []


def test_what_our_verification_cannot_judge_is_counted_apart() -> None:
    bench = "module tb; wire q; fifo dut(1'b0, 1'b0, 1'b0, q); initial $display(\"Pass\"); endmodule\n"
    rows = list(selftest([Task("fifo", "", "", FIFO, "fifo", testbench=bench)], SETTINGS, 3))
    assert [r.strict for r in rows if r.kind] == [Outcome.PASSED] * 3
    assert "bit of the vector" in not_judged(rows)["fifo"]
    assert found_defects(rows) == {}
    strength = Strength.of(rows)
    assert (strength.strict, strength.alike, strength.unclear, strength.survivors) == ((0, 0), 0, 3, {})


def test_a_difference_in_a_long_value_is_told_by_its_bit() -> None:
    code = "module flip(input [63:0] a, output [63:0] y);\n  assign y = {a[63:5], ~a[4], a[3:0]};\nendmodule\n"
    bench = 'module tb; wire [63:0] y; flip dut(64\'b0, y); initial #1 $display("Pass"); endmodule\n'
    rows = list(selftest([Task("flip", "", "", code, "flip", testbench=bench)], SETTINGS, 8))
    (lost,) = [r for r in rows if r.kind == "negation" and r.change == "~ -> nothing"]
    assert re.fullmatch(r"vector 0: y\[4\] expected (1, got 0|0, got 1)", lost.difference)
    assert lost.strict is Outcome.PASSED


def test_fewer_mutants_are_the_first_of_more() -> None:
    task = adder("any", 1)
    names = [d.name for d in designs(task)]
    assert names == [REFERENCE, *STUBS]
    few, many = designs(task, 3), designs(task, 9)
    assert many[: len(few)] == few
    assert [d.name for d in few[len(names) :]] == ["mutant 0", "mutant 1", "mutant 2"]


def test_a_tool_error_of_the_moment_is_no_finding() -> None:
    row = Checked("a", REFERENCE, Outcome.PASSED, Outcome.PASSED, Outcome.PASSED)
    lost = Checked("a", "mutant 0", Outcome.PASSED, Outcome.TOOL_ERROR, Outcome.MISMATCH, kind="width", line=1)
    unknown = Checked("a", "zeros", Outcome.PASSED, Outcome.PASSED, Outcome.TOOL_ERROR)
    assert tool_errors([row, lost, unknown]) == [lost, unknown]
    assert found_defects([row, lost, unknown]) == {}
    assert Strength.of([row, lost, unknown]).unclear == 1
    assert Checked.from_dict(json.loads(lost.to_json())) == lost
    with pytest.raises(DataError, match=r"ours is expected to be .*passed"):
        Checked.from_dict({**lost.to_dict(), "ours": "perhaps"})


@pytest.fixture(scope="module")
def whole() -> list[Checked]:
    """The rows of an undisturbed self-test of two problems."""
    return list(selftest([adder("weak", 1), adder("strong", 16)], SETTINGS, 3))


@pytest.mark.parametrize("kept", [0, 3, 9, 12, 19])
def test_interrupted_anywhere_the_rest_follows(kept: int, whole: list[Checked], tmp_path: Path) -> None:
    tasks = [adder("weak", 1), adder("strong", 16)]
    assert len(whole) == 20
    partial = tmp_path / "rows.jsonl.partial"
    partial.write_text("".join(r.to_json() + "\n" for r in whole[:kept]) + '{"task_id": "torn')
    stream = Stream(tmp_path / "rows.jsonl", Checked, lambda done: selftest(tasks, SETTINGS, 3, done=done))
    assert list(stream) == whole
    assert not partial.exists()


def arguments(data: Path, out: Path, mutants: str = "3") -> list[str]:
    """Return what makes the command test a few problems."""
    argv = ["suites", "selftest", "rtllm-v2", "--data", str(data), "--limit", "5", "--mutants", mutants]
    return [*argv, "--out", str(out)]


@pytest.mark.slow
def test_killed_in_the_middle_the_same_command_ends_with_the_same_rows(data: Path, tmp_path: Path) -> None:
    whole, out = tmp_path / "whole.jsonl", tmp_path / "rows.jsonl"
    undisturbed = itertl(*arguments(data, whole))
    assert undisturbed.returncode == 0, undisturbed.stderr
    partial = tmp_path / "rows.jsonl.partial"
    command = [sys.executable, "-m", "itertl", *arguments(data, out)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            if partial.exists() and len(partial.read_bytes().splitlines()) > 10:
                process.kill()
            time.sleep(0.002)
    assert process.returncode == -signal.SIGKILL
    assert partial.exists()
    refused = itertl(*arguments(data, out, mutants="4"))
    assert "mutants: 3 -> 4" in refused.stderr
    assert refused.returncode == 2
    again = itertl(*arguments(data, out))
    assert again.returncode == 0, again.stderr
    assert "known defects found" in again.stdout
    assert out.read_text() == whole.read_text()
    assert not partial.exists()


def test_a_complete_file_is_shown_without_running_anything(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "rows.jsonl"
    argv = ["suites", "selftest", "rtllm-v2", "--data", str(data), "--limit", "1", "--mutants", "2", "--out", str(out)]
    first = CliRunner().invoke(app, argv)
    assert first.exit_code == 0, first.output
    monkeypatch.setattr(command, "selftest", lambda *a, **k: pytest.fail("run again"))
    second = CliRunner().invoke(app, argv)
    assert second.output == first.output
    assert len(out.read_text().splitlines()) == 1 + len(STUBS) + 2
    folder = CliRunner().invoke(app, [*argv[:-1], str(tmp_path)])
    assert isinstance(folder.exception, UsageError)


def test_a_simulator_outside_the_tested_range_is_named(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    argv = ["suites", "selftest", "rtllm-v2", "--data", str(data), "--limit", "1", "--mutants", "0"]
    monkeypatch.setattr(command, "tool_versions", lambda: {"iverilog": "13.0"})
    monkeypatch.setattr(command, "selftest", lambda *a, **k: [])
    shown = CliRunner().invoke(app, argv).output
    assert "warning: Icarus Verilog 13 is newer" in shown
    assert "mutants" not in shown
    monkeypatch.setattr(command, "tool_versions", lambda: {"iverilog": "12.0"})
    assert "warning" not in CliRunner().invoke(app, argv).output
