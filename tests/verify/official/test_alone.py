"""A testbench as the only judge: designs without a reference, in verification, rewards and `generate`."""

from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from itertl.cli.app import app
from itertl.commands.benches import task_of_bench, under_test
from itertl.commands.verify import Asked, verify_by_bench
from itertl.errors import ConfigError, DataError, UsageError
from itertl.outcome import Outcome, Reason
from itertl.records import Submission, Task, Verdict
from itertl.score import score
from itertl.tasks.files import parse_task
from itertl.verify import VerifySettings, verify
from itertl.verify.official.verdicts import check_bench
from itertl.verify.workers.service import Service

pytestmark = pytest.mark.usefixtures("kept_workers")

SETTINGS = VerifySettings(workers=1, cache=False)
HEADER = "module add(input [3:0] a, b, output [4:0] s);\n"
RIGHT = HEADER + "  assign s = a + b;\nendmodule\n"
CHECK = "if (s !== i + j) bad = bad + 1;"
TB = f"""`timescale 1ns/1ps
module tb;
  reg [3:0] a, b; wire [4:0] s; integer i, j, bad = 0, n = 0;
  add dut(.a(a), .b(b), .s(s));
  initial begin
    for (i = 0; i < 16; i = i + 1) for (j = 0; j < 16; j = j + 1) begin
      a = i; b = j; #1; n = n + 1; {CHECK}
    end
    $display("Mismatches: %0d in %0d samples", bad, n); $finish;
  end
endmodule
"""
ATTACKS = {
    "ends the run": ("s = 0; initial $finish;", Outcome.REJECTED),
    "prints the verdict": ('s = 0; initial $display("Mismatches: 0 in 256 samples");', Outcome.REJECTED),
    "writes the bench's counter": ("s = 0; always @* tb.bad = 0;", Outcome.ELABORATION_ERROR),
    "reads the bench's numbers": ("s = tb.i + tb.j;", Outcome.ELABORATION_ERROR),
    "looks up without a path": ("s = dut.a;", Outcome.ELABORATION_ERROR),
    "drives its inputs": ("s = 0; supply0 z; buf g(a[0], z);", None),
    "never ends": ("s = 0; reg r = 0; always @* r = ~r; always @(r) r = ~r;", None),
    "is a constant": ("s = 5'd15;", Outcome.MISMATCH),
}


def task(bench: str = TB) -> Task:
    row = {"id": "add", "instruction": "add two numbers", "header": HEADER, "testbench": bench}
    return parse_task(row, "rows:1")


def judged(posed: Task, *codes: str) -> list[Verdict]:
    return list(verify([Submission.of(posed, code) for code in codes], [posed], SETTINGS))


def test_a_bench_alone_judges_and_its_count_is_the_reward() -> None:
    posed = task()
    half = RIGHT.replace("a + b", "{1'b0, a + b}[4:0]").replace("{1'b0, a + b}[4:0]", "(a + b) & 15")
    verdicts = judged(posed, RIGHT, half, HEADER + "endmodule", "no design")
    assert [v.outcome for v in verdicts] == [Outcome.PASSED, Outcome.MISMATCH, Outcome.MISMATCH, Outcome.EMPTY]
    scores = [score("testbench", posed, "", verdict) for verdict in verdicts]
    assert scores == [1.0, pytest.approx(136 / 256), 0.0, 0.0]
    assert score("functional", posed, half, verdicts[1]) == pytest.approx(0.5 + 0.5 * 136 / 256)


def test_workers_that_stay_ask_the_bench_too() -> None:
    service = Service(SETTINGS)
    try:
        (verdict,) = service.verdicts([(task(), Submission.of(task(), RIGHT))])
    finally:
        service.close()
    assert verdict.passed, verdict


def test_no_attack_passes_without_a_reference() -> None:
    verdicts = judged(task(), *(f"{HEADER}  assign {body}\nendmodule\n" for body, _ in ATTACKS.values()))
    for (name, (_, outcome)), verdict in zip(ATTACKS.items(), verdicts, strict=True):
        assert not verdict.passed, (name, verdict)
        assert verdict.outcome is outcome or (outcome is None and verdict.outcome.judged), (name, verdict)


def test_a_bench_that_a_constant_passes_judges_nobody() -> None:
    weak = task(TB.replace(CHECK, ""))
    assert check_bench(weak, SETTINGS) == "the bench passes a design whose outputs are always 0"
    (verdict,) = judged(weak, RIGHT)
    assert (verdict.outcome, verdict.reason) == (Outcome.TOOL_ERROR, Reason.UNFIT_REFERENCE)


def test_a_bench_that_takes_no_samples_passes_nobody() -> None:
    (verdict,) = judged(task(TB.replace("n = n + 1;", "")), RIGHT)
    assert verdict.outcome is Outcome.MISMATCH


def test_the_score_says_what_it_needs() -> None:
    passed = Verdict("t", "c", Outcome.PASSED, 1.0)
    with pytest.raises(ConfigError, match="leave the reference out"):
        score("testbench", Task.of(RIGHT), RIGHT, passed)
    with pytest.raises(DataError, match=r"rows:1: .*expects the module's header"):
        parse_task({"instruction": "", "testbench": TB}, "rows:1")


def test_the_command_judges_by_the_bench(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, text in {"add.v": RIGHT, "bad.v": RIGHT.replace("+", "-"), "tb.v": TB}.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "weak.v").write_text(TB.replace(CHECK, ""))
    (tmp_path / "none.v").write_text("module tb; endmodule\n")
    console = Console(width=120)
    assert verify_by_bench(tmp_path / "add.v", "", Asked(testbench=tmp_path / "tb.v"), console) == 0
    assert verify_by_bench(tmp_path / "bad.v", "", Asked(testbench=tmp_path / "tb.v"), console) == 1
    assert verify_by_bench(tmp_path / "add.v", "", Asked(testbench=tmp_path / "weak.v"), console) == 0
    said = capsys.readouterr().out
    assert "0 mismatches in 256 samples" in said
    assert "240 of 256 samples differ" in said
    assert "weak: the bench passes a design whose outputs are always 0" in said
    with pytest.raises(UsageError, match="instantiates no module"):
        verify_by_bench(tmp_path / "add.v", "", Asked(testbench=tmp_path / "none.v"), console)
    found = CliRunner().invoke(app, ["verify", str(tmp_path / "add.v"), "--testbench", str(tmp_path / "tb.v")])
    assert found.exit_code == 0, found.output


def test_the_module_under_test_is_the_one_that_the_bench_lacks(tmp_path: Path) -> None:
    assert under_test(TB) == "add"
    assert under_test("module tb; clocks c(); fifo #(8) f(); endmodule module clocks; endmodule") == "fifo"
    (tmp_path / "tb.v").write_text(TB)
    posed = task_of_bench(tmp_path / "tb.v", RIGHT)
    assert (posed.top, posed.header, posed.reference) == ("add", HEADER, "")
