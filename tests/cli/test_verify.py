"""`itertl verify` for one design as a user meets it: the answer, the exit status, JSON, waves and faults."""

import io
import json
import sys
from pathlib import Path

import pytest
from tests.cli.program import Ended, itertl

pytestmark = pytest.mark.usefixtures("kept_workers")

REFERENCE = """module counter(input clk, input rst, input en, output reg [3:0] q, output tc);
  always @(posedge clk)
    if (rst) q <= 4'd0;
    else q <= q + en;
  assign tc = &q;
endmodule
"""
WRONG = REFERENCE.replace("q + en", "q + en + (q == 5)")


def verify(*args: str | Path, **environment: str) -> Ended:
    """Run `itertl verify` on a terminal 80 columns wide."""
    return itertl("verify", *args, **{"COLUMNS": "80"} | environment)


@pytest.fixture
def ref(tmp_path: Path) -> Path:
    """A reference on disk."""
    path = tmp_path / "ref.v"
    path.write_text(REFERENCE)
    return path


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """A design that miscounts at 5."""
    path = tmp_path / "wrong.v"
    path.write_text(WRONG)
    return path


def test_a_right_design_passes_even_inside_prose(ref: Path, tmp_path: Path) -> None:
    answer = tmp_path / "answer.txt"
    answer.write_text(f"Sure, here it is!\n```verilog\n{REFERENCE.replace('q + en', 'en + q')}```\n")
    found = verify(answer, "--reference", ref)
    assert found.returncode == 0, found.stderr
    assert found.stdout.startswith("passed: every output bit of counter")


@pytest.mark.parametrize("judge", ["--reference", "--testbench"])
def test_a_design_comes_from_standard_input(
    judge: str, ref: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = tmp_path / "tb.v"
    bench.write_text(BENCH.replace("LAST", "16"))
    given = {"--reference": ref, "--testbench": bench}[judge]
    for text, status in ((REFERENCE.encode(), 0), (WRONG.encode(), 1), (b"\0", 2), (b"x" * ((8 << 20) + 1), 2)):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
        found = verify("-", judge, given)
        assert found.returncode == status, found.stderr
        assert ("standard input" in found.stderr) == (status == 2)
    monkeypatch.setattr(sys, "stdin", None)
    assert "standard input is closed" in verify("-", judge, given).stderr


def test_a_mismatch_is_shown_as_a_waveform(ref: Path, wrong: Path) -> None:
    found = verify(wrong, "--reference", ref)
    assert found.returncode == 1
    lines = found.stdout.splitlines()
    assert lines[0].startswith("mismatch: cycle")
    assert "q expected" in lines[0]
    assert lines[1].startswith("agreement ")
    assert "tc" in lines[1]
    rows = {line.split()[0] for line in lines[3:] if line.strip()}
    assert {"cycle", "clk", "rst", "en", "q", "tc"} <= rows
    assert any(set(line.split()) == {"^"} for line in lines)
    assert max(map(len, lines[3:])) <= 80
    plain = verify(wrong, "--reference", ref, PYTHONIOENCODING="ascii", COLUMNS="40")
    assert plain.stdout.isascii()
    assert max(len(line) for line in plain.stdout.splitlines()[3:]) <= 40


def test_json_is_the_whole_verdict(ref: Path, wrong: Path) -> None:
    found = verify(wrong, "--reference", ref, "--json")
    assert found.returncode == 1
    verdict = json.loads(found.stdout)
    assert verdict["outcome"] == "mismatch"
    assert 0.5 < verdict["agreement"] < 1.0
    assert "q expected" in verdict["detail"]
    assert verdict["outputs"].keys() == {"q", "tc"}
    assert verdict["mismatch"]["signal"] == "q"
    passed = json.loads(verify(ref, "--reference", ref, "--json").stdout)
    assert (passed["outcome"], passed["agreement"], passed["mismatch"]) == ("passed", 1.0, None)


def test_waves_of_both_designs_go_to_a_file(ref: Path, wrong: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.vcd"
    assert "waves: " in verify(wrong, "--reference", ref, "--vcd", out).stdout
    assert "$var wire 4" in out.read_text()
    assert json.loads(verify(wrong, "--reference", ref, "--vcd", out, "--json").stdout)["outcome"] == "mismatch"
    (tmp_path / "bad.v").write_text("module counter(input clk; endmodule")
    none = verify(tmp_path / "bad.v", "--reference", ref, "--vcd", tmp_path / "none.vcd")
    assert none.returncode == 1
    assert "nothing was simulated" in none.stdout
    assert not (tmp_path / "none.vcd").exists()
    full = verify(wrong, "--reference", ref, "--vcd", "/dev/full")
    assert full.returncode == 3
    assert "No space left" in full.stderr


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (b"I cannot do this.", "empty"),
        (b"", "empty"),
        (REFERENCE.replace("q + en", "q +").encode(), "syntax_error"),
        (REFERENCE.replace("&q", "&r").encode(), "elaboration_error"),
        (REFERENCE.replace("[3:0]", "[4:0]").encode(), "interface_mismatch"),
        (REFERENCE.replace("assign", "initial $finish; assign").encode(), "rejected"),
        (REFERENCE.replace("tc = &q", "tc = ~tc | &q").encode(), "timeout"),
    ],
)
def test_every_outcome_but_passed_has_status_one(ref: Path, tmp_path: Path, text: bytes, outcome: str) -> None:
    design = tmp_path / "design.v"
    design.write_bytes(text)
    found = verify(design, "--reference", ref)
    assert found.stdout.startswith(f"{outcome}: "), found.stdout + found.stderr
    assert found.returncode == 1


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "does not exist"),
        (b"", "holds no module"),
        (b"\x7fELF\0\0", "is a binary file"),
        (b"module m(output y); gone u(y); endmodule", "cannot serve"),
        (b"module m(output y; endmodule", "cannot serve"),
        (b"module m(output y); assign y = 1;", "does it end with endmodule?"),
        (b"module m(output real y); endmodule", "unsupported interface"),
        (b"module m(input a, output y); endmodule", "never drives an output bit"),
    ],
)
def test_unusable_references_are_usage_errors(ref: Path, tmp_path: Path, content: bytes | None, sentence: str) -> None:
    other = tmp_path / "other.v"
    if content is not None:
        other.write_bytes(content)
    found = verify(ref, "--reference", other)
    assert found.returncode == 2
    assert sentence in found.stderr
    assert "Traceback" not in found.stderr


def test_a_reference_may_report_and_delay_and_a_candidate_may_not(wrong: Path, tmp_path: Path) -> None:
    real, design = tmp_path / "real.v", tmp_path / "design.v"
    real.write_text(REFERENCE.replace("q <=", "q <= #1").replace("assign", 'initial $display("counter"); assign'))
    design.write_text(REFERENCE)
    assert "q <= #1" in real.read_text()
    assert verify(design, "--reference", real).returncode == 0
    assert "q expected" in verify(wrong, "--reference", real).stdout
    assert verify(real, "--reference", design).stdout.startswith("rejected: ")


def test_faults_of_the_call_are_one_sentence(ref: Path, tmp_path: Path) -> None:
    assert "give the bench with --testbench" in verify(ref, "--reference", ref, "--rule", "rtllm-v2").stderr
    assert "is a directory" in verify(tmp_path, "--reference", ref).stderr
    assert "does not exist" in verify(tmp_path / "none.v", "--reference", ref).stderr
    assert "holds no module other" in verify(ref, "--reference", ref, "--top", "other").stderr
    assert verify(ref).returncode == 2
    for place in (tmp_path, tmp_path / "none" / "out.vcd"):
        nowhere = verify(ref, "--reference", ref, "--vcd", place)
        assert (nowhere.returncode, "cannot be written" in nowhere.stderr) == (2, True)


def test_a_missing_simulator_has_status_three(ref: Path, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    found = verify(ref, "--reference", ref, PATH=str(tmp_path / "bin"))
    assert found.returncode == 3
    assert "apt-get install iverilog" in found.stderr


def test_the_top_of_several_modules_can_be_named(ref: Path, tmp_path: Path) -> None:
    two = tmp_path / "two.v"
    two.write_text(REFERENCE + "module inv(input a, output y); assign y = ~a; endmodule\n")
    assert verify(ref, "--reference", two, "--top", "counter").returncode == 0
    assert verify(ref, "--reference", two).returncode == 0
    assert verify(two, "--reference", ref).returncode == 0
    unclear = verify(two, "--reference", two)
    assert unclear.returncode == 2
    assert "several top modules, counter, inv: choose one with --top" in unclear.stderr


BENCH = """module tb;
  reg clk = 0, rst = 1, en = 0;
  wire [3:0] q;
  wire tc;
  integer i, errors = 0;
  counter dut(.clk(clk), .rst(rst), .en(en), .q(q), .tc(tc));
  always #5 clk = ~clk;
  initial begin
    @(negedge clk); @(negedge clk); rst = 0; en = 1;
    for (i = 1; i < LAST; i = i + 1) begin @(negedge clk); if (q !== i[3:0]) errors = errors + 1; end
    if (errors == 0) $display("Your design passed"); else $display("failed %0d times", errors);
    $finish;
  end
endmodule
"""


def test_a_testbench_of_ones_own_has_to_pass_as_well(ref: Path, wrong: Path, tmp_path: Path) -> None:
    bench = tmp_path / "tb.v"
    bench.write_text(BENCH.replace("LAST", "20"))
    right = verify(ref, "--reference", ref, "--testbench", bench)
    assert right.returncode == 0, right.stderr
    assert "testbench: passed" in right.stdout
    found = verify(wrong, "--reference", ref, "--testbench", bench, "--json")
    assert found.returncode == 1
    verdict = json.loads(found.stdout)
    assert (verdict["outcome"], verdict["testbench"]["strict"], verdict["testbench"]["official"]) == ("mismatch",) * 3
    liar = tmp_path / "liar.v"
    liar.write_text(REFERENCE.replace("assign", 'initial begin $display("passed"); $finish; end assign'))
    told = verify(liar, "--reference", ref, "--testbench", bench)
    assert told.returncode == 1
    assert "testbench: rejected" in told.stdout
    assert "would say passed" in told.stdout


def test_a_weak_testbench_does_not_save_a_wrong_design(ref: Path, wrong: Path, tmp_path: Path) -> None:
    bench = tmp_path / "tb.v"
    bench.write_text(BENCH.replace("LAST", "3"))
    found = verify(wrong, "--reference", ref, "--testbench", bench)
    assert found.returncode == 1
    assert "testbench: passed" in found.stdout
    assert found.stdout.startswith("mismatch")


def test_a_testbench_that_the_reference_fails_is_a_usage_error(ref: Path, wrong: Path, tmp_path: Path) -> None:
    bench = tmp_path / "tb.v"
    bench.write_text(BENCH.replace("LAST", "20"))
    found = verify(wrong, "--reference", wrong, "--testbench", bench)
    assert found.returncode == 2
    assert "the reference does not pass it" in found.stderr
    unknown = verify(ref, "--reference", ref, "--testbench", bench, "--rule", "nothing")
    assert unknown.returncode == 2
    assert "verilogeval-v1-human" in unknown.stderr


def test_a_formal_opinion_finds_what_the_bench_cannot(tmp_path: Path) -> None:
    pytest.importorskip("pyosys", reason="formal equivalence needs Yosys: pip install 'itertl[formal]'")
    equal = "module same(input [31:0] a, input [31:0] b, output y); assign y = a == b; endmodule"
    trap = equal.replace("a == b;", "(a == b) ^ (a == 32'h12345678 && b == 32'hdeadbeef);")
    (tmp_path / "ref.v").write_text(equal)
    (tmp_path / "trap.v").write_text(trap)
    proved = verify(tmp_path / "ref.v", "--reference", tmp_path / "ref.v", "--formal")
    assert (proved.returncode, "formal: proved" in proved.stdout) == (0, True), proved.stdout + proved.stderr
    waves = tmp_path / "out.vcd"
    refuted = verify(tmp_path / "trap.v", "--reference", tmp_path / "ref.v", "--formal", "--vcd", waves)
    assert (refuted.returncode, "formal: refuted" in refuted.stdout) == (1, True), refuted.stdout + refuted.stderr
    assert "12345678" in refuted.stdout
    assert "deadbeef" in refuted.stdout
    assert f"b{0xDEADBEEF:b}" in waves.read_text()
