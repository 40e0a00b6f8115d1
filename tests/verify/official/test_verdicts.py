"""Verdicts of a suite's own bench: the official rule with its faults, and the strict one that none can cheat."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from itertl.errors import ConfigError, DataError
from itertl.outcome import Outcome
from itertl.records import Candidate, Task, TestbenchVerdict
from itertl.suites.load import load_published
from itertl.suites.recorded import RECORDED, read_recorded
from itertl.tools.shop import Shop
from itertl.verify import VerifySettings
from itertl.verify.official import bench as suite_bench
from itertl.verify.official.bench import official
from itertl.verify.official.verdicts import check_bench, completion_id, verify_testbench
from itertl.verilog.extract import extract_module
from itertl.verilog.tokens import code_id

pytestmark = pytest.mark.usefixtures("kept_workers")

HEADER = "module top_module (\n  input [1:0] s,\n  input [3:0] a,\n  output y\n);\n"
BENCH = """`timescale 1ps/1ps
`define COUNT 64
module reference_module (input [1:0] s, input [3:0] a, output y);
  assign y = a[s];
endmodule
module tb;
  reg [5:0] v = 0; wire good, found; integer wrong = 0, total = 0;
  reference_module good1 (.s(v[5:4]), .a(v[3:0]), .y(good));
  top_module top_module1 (.s(v[5:4]), .a(v[3:0]), .y(found));
  initial begin repeat (`COUNT) begin
    #1 total = total + 1; if (good !== found) wrong = wrong + 1; v = v + 1;
  end $finish; end
  final begin
    $display("Hint: Total mismatched samples is %1d out of %1d samples\\n", wrong, total);
    $display("Mismatches: %1d in %1d samples", wrong, total);
  end
endmodule
"""
V1, RTLLM = "itertl.suites.verilog_eval_v1:RULE", "itertl.suites.rtllm:RULE"
RIGHT = "  assign y = a[s];\nendmodule\n"
SETTINGS = VerifySettings(workers=2, cpu_floor=0.3)


@pytest.fixture
def task() -> Task:
    """A multiplexer with a bench in the manner of VerilogEval v1."""
    return Task(
        "mux", "", HEADER, HEADER + RIGHT, "top_module", testbench=BENCH, rule="itertl.suites.verilog_eval_v1:RULE"
    )


def candidate(task: Task, completion: str, index: int = 0) -> Candidate:
    """Return a candidate whose code is extracted as everywhere else."""
    code = extract_module(completion, task.header, task.top)
    return Candidate(task.id, 0, index, 0, "", completion, code, code_id(task.id, code))


def judge(task: Task, *completions: str) -> list[TestbenchVerdict]:
    """Return the verdicts on completions of one task."""
    return list(verify_testbench([candidate(task, c, i) for i, c in enumerate(completions)], [task], SETTINGS))


def test_right_and_wrong_completions_are_told_apart_and_counted(task: Task) -> None:
    right, wrong, broken, none = judge(
        task, RIGHT, "  assign y = a[0];\nendmodule\n", "  assign y = ;\nendmodule\n", "I cannot do that."
    )
    assert (right.official, right.strict) == (Outcome.PASSED, Outcome.PASSED)
    assert (right.samples, right.mismatches) == (64, 0)
    assert (wrong.official, wrong.strict) == (Outcome.MISMATCH, Outcome.MISMATCH)
    assert wrong.samples == 64
    assert 0 < wrong.mismatches < 64
    assert (broken.official, broken.strict) == (Outcome.SYNTAX_ERROR, Outcome.SYNTAX_ERROR)
    assert (none.official, none.strict) == (Outcome.SYNTAX_ERROR, Outcome.EMPTY)
    assert "iverilog" in right.tools


@pytest.mark.parametrize(
    "attack",
    [
        "  initial $finish;\nendmodule\n",
        '  initial $display("Mismatches: 0 in 64 samples");\nendmodule\n',
        "  assign y = tb.good;\nendmodule\n",
        "  initial force tb.wrong = 0;\nendmodule\n",
    ],
)
def test_what_fools_the_suites_rule_does_not_fool_ours(task: Task, attack: str) -> None:
    (verdict,) = judge(task, attack)
    assert verdict.official is Outcome.PASSED
    assert verdict.strict in (Outcome.REJECTED, Outcome.ELABORATION_ERROR)


def test_a_module_named_like_one_of_the_bench_is_no_harm_in_strict(task: Task) -> None:
    helper = "  reference_module m (.s(s), .a(a), .y(y));\nendmodule\n"
    own = helper + "module reference_module (input [1:0] s, input [3:0] a, output y); assign y = a[s]; endmodule\n"
    with_own, without = judge(task, own, helper)
    assert (with_own.official, with_own.strict) == (Outcome.ELABORATION_ERROR, Outcome.PASSED)
    assert (without.official, without.strict) == (Outcome.PASSED, Outcome.ELABORATION_ERROR)


def test_a_warning_and_a_repeated_header_fail_officially_only(task: Task) -> None:
    warned = "  always @* begin end\n" + RIGHT
    repeated = HEADER + RIGHT
    first, second = judge(task, warned, repeated)
    assert first.official is Outcome.ELABORATION_ERROR
    assert "warning" in first.detail
    assert first.strict is Outcome.PASSED
    assert (second.official, second.strict) == (Outcome.SYNTAX_ERROR, Outcome.PASSED)


def test_equal_completions_give_one_verdict_and_equal_designs_one_strict_run(task: Task) -> None:
    spaced = "  assign   y = a[s]; // a comment\nendmodule\n"
    verdicts = judge(task, RIGHT, spaced, RIGHT)
    assert [v.completion_id for v in verdicts] == [completion_id("mux", RIGHT), completion_id("mux", spaced)]
    assert len({v.code_id for v in verdicts}) == 1
    assert all(v.strict is Outcome.PASSED and v.samples == 64 for v in verdicts)
    left = verify_testbench([candidate(task, RIGHT), candidate(task, spaced)], [task], SETTINGS, done=verdicts[:1])
    assert [v.completion_id for v in left] == [verdicts[1].completion_id]


def test_a_verdict_survives_its_line_of_json(task: Task) -> None:
    (verdict,) = judge(task, RIGHT)
    assert TestbenchVerdict.from_dict(verdict.to_dict()) == verdict
    with pytest.raises(DataError, match="a testbench verdict cannot be read from its row: official is expected to be"):
        TestbenchVerdict.from_dict({**verdict.to_dict(), "official": "fine"})


def test_an_endless_design_is_stopped_in_both(task: Task, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suite_bench, "_OFFICIAL_FLOOR", 0.3)
    endless = "  reg r = 0;\n  always @(a or s) while (1) r = ~r;\n  assign y = r;\nendmodule\n"
    judged = official(task, [("a", endless)], SETTINGS, shop)
    assert judged[0].verdict.outcome is Outcome.TIMEOUT
    assert suite_bench.strict(task, [("a", HEADER + endless)], SETTINGS, shop)[0].verdict.outcome is Outcome.TIMEOUT


def test_a_bench_that_reads_a_file_and_says_pass_finds_it_in_its_folder(task: Task) -> None:
    bench = """module testbench;
      reg [3:0] a; reg [1:0] s; wire y; reg want [0:3]; integer i, wrong = 0;
      top_module uut (.s(s), .a(a), .y(y));
      initial begin $readmemb("want.txt", want); a = 4'b0110;
        for (i = 0; i < 4; i = i + 1) begin s = i; #1 if (y !== want[i]) wrong = wrong + 1; end
        if (wrong == 0) $display("===========Your Design Passed==========="); else $display("Error");
        $finish; end
    endmodule"""
    own = dataclasses.replace(
        task, rule="itertl.suites.rtllm:RULE", testbench=bench, files=(("want.txt", "0 1 1 0\n"),)
    )
    says = '  initial $display("pass");\n'
    right, wrong, liar = judge(
        own, f"```verilog\n{HEADER}{RIGHT}```", HEADER + "assign y = 0; endmodule", HEADER + says + "endmodule"
    )
    assert (right.official, right.strict) == (Outcome.PASSED, Outcome.PASSED)
    assert (wrong.official, wrong.strict) == (Outcome.MISMATCH, Outcome.MISMATCH)
    assert (liar.official, liar.strict) == (Outcome.PASSED, Outcome.REJECTED)
    assert check_bench(own) == ""


def test_a_reference_that_fails_its_bench_is_named_and_gives_no_strict_verdict(task: Task) -> None:
    false = dataclasses.replace(task, reference=HEADER + "  assign y = 0;\nendmodule\n")
    assert "the reference fails the suite's bench" in check_bench(false)
    (verdict,) = judge(false, RIGHT)
    assert (verdict.official, verdict.strict) == (Outcome.PASSED, Outcome.TOOL_ERROR)


def test_unknown_tasks_missing_benches_and_bad_rules_are_named(task: Task) -> None:
    with pytest.raises(DataError, match="not among the 1 task given"):
        list(verify_testbench([dataclasses.replace(candidate(task, RIGHT), task_id="x")], [task], SETTINGS))
    with pytest.raises(DataError, match="has no testbench"):
        list(verify_testbench([candidate(task, RIGHT)], [dataclasses.replace(task, testbench="")], SETTINGS))
    with pytest.raises(ConfigError, match="cannot be loaded"):
        verify_testbench([], [dataclasses.replace(task, rule="nowhere.at_all:RULE")], SETTINGS)


def test_a_rule_of_ones_own_is_found_by_confined_workers(
    task: Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own_rules.py").write_text(
        "import dataclasses\n"
        "from itertl.verify.official.rules import OWN_BENCH, Ruling\n"
        "from itertl.records import Outcome\n"
        "RULE = dataclasses.replace(OWN_BENCH, decide=lambda log: Ruling(Outcome.OUTPUT_LIMIT, 'mine'))\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    (verdict,) = judge(dataclasses.replace(task, rule="own_rules:RULE"), HEADER + RIGHT)
    assert (verdict.official, verdict.strict) == (Outcome.OUTPUT_LIMIT, Outcome.PASSED)
    assert "mine" in verdict.detail


def test_a_sample_of_recorded_verdicts_is_reproduced(data: Path) -> None:
    for suite, place in RECORDED.items():
        tasks = {t.id: t for t in load_published(suite, data)}
        rows = [r for r in read_recorded(data / place, tasks, every=4) if r.design.task_id in FEW]
        found = {v.completion_id: v for v in verify_testbench((r.design for r in rows), tasks, SETTINGS)}
        pairs = [(found[completion_id(r.design.task_id, r.design.text)], r) for r in rows]
        assert len(pairs) >= 20
        wrong = [(v.task_id, r.result, v.detail) for v, r in pairs if (v.official is Outcome.PASSED) != r.passed]
        assert len(wrong) <= len(pairs) // 100, wrong
        assert not [v.task_id for v, _ in pairs if v.strict is Outcome.TOOL_ERROR]


FEW = ("2013_q2afsm", "kmap3", "dff8ar", "vector3", "always_if2")


STUBS: dict[str, Callable[[str], str]] = {
    "empty": lambda header: "\nendmodule\n",
    "finish": lambda header: "\n  initial $finish;\nendmodule\n",
}


def test_an_empty_or_ending_module_passes_no_problem_of_a_sample(data: Path) -> None:
    tasks = load_published("verilogeval-v1-machine", data)[::12]
    stubs = [candidate(t, stub(t.header)) for t in tasks for stub in STUBS.values()]
    verdicts = list(verify_testbench(stubs, tasks, SETTINGS))
    assert [v.task_id for v in verdicts if v.strict is Outcome.PASSED] == []
    assert sum(v.official is Outcome.PASSED for v in verdicts) >= len(tasks)


CORPUS = Path(__file__).parents[2] / "attacks"
DFF = "module top(input clk, input d, output reg q);\n"
CLOCKED = """module good(input clk, input d, output reg q); always @(posedge clk) q <= d; endmodule
module tb; reg clk = 0, d = 0; wire q, w; integer wrong = 0, total = 0;
  good good1(clk, d, w); top top1(.clk(clk), .d(d), .q(q));
  always #5 clk = ~clk;
  always @(negedge clk) begin total = total + 1; if (w !== (w ^ q ^ w)) wrong = wrong + 1; d <= $random; end
  initial #2000 $finish;
  final $display("Mismatches: %1d in %1d samples", wrong, total);
endmodule
"""


@pytest.mark.parametrize("name", ["end_early", "forged", "files", "redefine"])
def test_attacks_pass_no_bench_strictly_and_leave_nothing_outside(name: str, tmp_path: Path) -> None:
    watched = tmp_path / "watched"
    watched.mkdir()
    watched.chmod(0o777)
    own = Task("dff", "", DFF, DFF + "always @(posedge clk) q <= d;\nendmodule\n", "top", testbench=CLOCKED)
    texts = [file.read_bytes().decode() for file in sorted((CORPUS / name).glob("*.v"))]
    texts = [t.replace("CANARY", str(watched)).replace("HOME", str(watched)) for t in texts if t.startswith("// dff:")]
    assert len(texts) > 4
    verdicts = judge(own, own.reference, *texts)
    assert [v.strict is Outcome.PASSED for v in verdicts] == [True] + [False] * (len(verdicts) - 1)
    assert list(watched.iterdir()) == []
