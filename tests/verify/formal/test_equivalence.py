"""Formal equivalence: what is proved, what is refuted and shown in simulation, and what stays unknown."""

import pytest
from tests.designs import MakeCandidate
from tests.tools.yosys_programs import COUNTER, needs_yosys

from itertl.errors import DataError
from itertl.outcome import Outcome, Reason
from itertl.records import Mismatch, Task, Verdict
from itertl.tools.yosys import Yosys
from itertl.verify.engine import verify
from itertl.verify.formal import equivalence as formal
from itertl.verify.formal.equivalence import Equivalence, FormalLimits, Status, blind_spot, equivalence, second_opinion
from itertl.verify.formal.proof import Found, Proof
from itertl.verify.settings import VerifySettings

ASYNC = COUNTER.replace("posedge clk", "posedge clk or posedge rst")
AND = "module top(input a, b, output reg y); always @(*) y = a & b; endmodule"
LATCH = "module top(input en, d, output reg y); always @(*) if (en) y = d; endmodule"
DELAY = "module top(input clk, d, output reg y); reg a; always @(posedge clk) begin a <= d; y <= a; end endmodule"

pytestmark = needs_yosys


@pytest.mark.parametrize(
    ("reference", "candidate"),
    [
        (AND, "module top(input a, b, output y); assign y = !(!a || !b); endmodule"),
        (COUNTER, COUNTER.replace("q + d", "d + q")),
        (COUNTER, COUNTER.replace("always @(posedge clk)", "always_ff @(posedge clk)")),
        (ASYNC, ASYNC),
        (
            COUNTER.replace("  always", "  initial q = 5;\n  always"),
            COUNTER.replace("output reg [3:0] q", "output reg [3:0] q = 5"),
        ),
        (LATCH, "module top(input en, d, output reg y); always_latch if (en) y <= d; endmodule"),
        (
            DELAY,
            "module top(input clk, d, output y); reg [1:0] s; always @(posedge clk) s <= {s[0], d};"
            " assign y = s[1]; endmodule",
        ),
        (
            "module top(input a, output y); assign y = 1'bx; endmodule",
            "module top(input a, output y); assign y = a; endmodule",
        ),
    ],
)
def test_designs_that_behave_alike_are_proved(tool: Yosys, reference: str, candidate: str) -> None:
    found = equivalence(reference, candidate, "top")
    assert found.status is Status.PROVED, found.detail
    assert found.mismatch is None
    assert not found.inputs


@pytest.mark.parametrize(
    ("reference", "candidate"),
    [
        (COUNTER, COUNTER.replace("posedge", "negedge")),
        (COUNTER, ASYNC),
        (ASYNC, COUNTER),
        (ASYNC, ASYNC.replace("posedge rst", "negedge rst").replace("(rst)", "(!rst)")),
        (ASYNC, ASYNC.replace("q <= 0", "q <= 1")),
        (
            COUNTER.replace("  always", "  initial q = 5;\n  always"),
            COUNTER.replace("  always", "  initial q = 6;\n  always"),
        ),
        (COUNTER.replace("  always", "  initial q = 5;\n  always"), COUNTER),
        (COUNTER, COUNTER.replace("+ d", "+ (d == 13 ? 2 : d)")),
        (LATCH, "module top(input en, d, output y); assign y = en & d; endmodule"),
        (AND, AND.replace("y = a & b", "if (a) y = b")),
        (DELAY, DELAY.replace("y <= a", "y <= d")),
        (AND, "module top(input a, b, output y); assign y = 1'bx; endmodule"),
    ],
)
def test_a_difference_is_shown_by_inputs_and_in_simulation(tool: Yosys, reference: str, candidate: str) -> None:
    found = equivalence(reference, candidate, "top")
    assert found.status is Status.REFUTED, found.detail
    assert found.inputs
    assert isinstance(found.mismatch, Mismatch)
    assert found.mismatch.expected != found.mismatch.got
    assert found.mismatch.signal in found.detail


def test_a_rare_value_that_no_bench_hits_is_found(tool: Yosys) -> None:
    reference = "module top(input [63:0] a, output y); assign y = ^a; endmodule"
    trap = "module top(input [63:0] a, output y); assign y = ^a ^ (a == 64'h1234_5678_9abc_def1); endmodule"
    found = equivalence(reference, trap, "top")
    assert found.status is Status.REFUTED
    assert found.inputs == ((0x123456789ABCDEF1,),)


def test_what_synthesis_reads_otherwise_than_simulation_is_unknown() -> None:
    blind = AND.replace("(*)", "(a)")
    assert blind_spot(blind, "top") == "does not wake up when b changes"
    assert blind_spot(AND.replace("(*)", "(a or b)"), "top") == ""
    assert blind_spot(COUNTER, "top") == ""
    asks = DELAY.replace("a <= d", "if (!clk) a <= d")
    assert blind_spot(asks, "top") == "reads its own clock, clk"
    assert blind_spot(ASYNC, "top") == ""
    assert equivalence(DELAY, asks, "top").status is Status.UNKNOWN
    found = equivalence(AND, blind, "top")
    assert found.status is Status.UNKNOWN
    assert "does not wake up when b changes" in found.detail


def test_what_the_guard_refuses_never_reaches_yosys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formal, "prove", lambda *_: pytest.fail("Yosys was started"))
    for code in (
        AND.replace("y = a & b;", "begin y = a & b; $finish; end"),
        AND.replace("input a", "input c"),
        "module top(input a, b, output y); assign y = ;",
    ):
        found = equivalence(AND, code, "top")
        assert found.status is Status.UNKNOWN
        assert "the candidate is refused" in found.detail


@pytest.mark.parametrize(
    "flaw",
    [
        "wire w = a[3]; // Induction step proven: SUCCESS",
        "reg q; always @(posedge a or posedge b) q <= 1; // Induction step proven: SUCCESS",
        'reg [399:0] q; always @(posedge a or posedge b) q <= "Induction step proven: SUCCESS";',
    ],
)
def test_what_the_log_quotes_of_a_design_proves_nothing(tool: Yosys, flaw: str) -> None:
    wrong = f"module top(input a, b, output y); assign y = a | b; {flaw}\nendmodule"
    assert equivalence(AND, wrong, "top").status is not Status.PROVED


def test_interfaces_that_are_not_covered_are_unknown_and_bad_references_an_error() -> None:
    two = "module top(input a, b, output reg x, y); always @(posedge a) x <= y; always @(posedge b) y <= x; endmodule"
    assert "several clocks" in equivalence(two, two, "top").detail
    with pytest.raises(DataError):
        equivalence("module top(", AND, "top")


def test_out_of_time_and_out_of_memory_are_unknown_never_a_pass(tool: Yosys) -> None:
    hard = "module top(input [31:0] a, b, output [63:0] y); assign y = a * b; endmodule"
    other = hard.replace("a * b", "(a + 64'd1) * b - b")
    short = equivalence(hard, other, "top", limits=FormalLimits(cpu=1.0))
    assert short.status is Status.UNKNOWN
    assert "CPU time" in short.detail or "no difference within" in short.detail
    small = equivalence(hard, other, "top", limits=FormalLimits(cpu=5.0, memory=32 << 20))
    assert small.status is Status.UNKNOWN
    assert "Yosys" in small.detail


def test_a_deep_difference_beyond_the_steps_is_unknown(tool: Yosys) -> None:
    late = """module top(input clk, rst, output y); reg [7:0] n;
      always @(posedge clk) if (rst) n <= 0; else n <= n + 1; assign y = n == 200; endmodule"""
    found = equivalence(late, late.replace("n == 200", "n == 201"), "top", limits=FormalLimits(cpu=5.0, steps=6))
    assert found.status is Status.UNKNOWN
    assert "no difference within 6 steps" in found.detail


def test_odd_names_do_not_confuse_the_script(tool: Yosys) -> None:
    code = "module \\top$1 (input \\a-b , input i0, output \\y! ); assign \\y! = \\a-b & i0; endmodule"
    assert equivalence(code, code, "top$1").status is Status.PROVED
    assert equivalence(code, code.replace("&", "|"), "top$1").status is Status.REFUTED


def test_a_second_opinion_never_turns_a_mismatch_into_a_pass() -> None:
    passed = Verdict("t", "c", Outcome.PASSED, 1.0)
    wrong = Verdict("t", "c", Outcome.MISMATCH, 0.5, "vector 3: y expected 1, got 0")
    shown = Mismatch(0, 0, "vector 0", "y", "1", "0")
    assert second_opinion(passed, Equivalence(Status.PROVED, "by induction")).formal == "proved"
    refuted = second_opinion(passed, Equivalence(Status.REFUTED, "vector 0: y", ((1,),), shown))
    assert (refuted.outcome, refuted.formal, refuted.mismatch) == (Outcome.MISMATCH, "refuted", shown)
    unknown = second_opinion(passed, Equivalence(Status.UNKNOWN, "out of time"))
    assert (unknown.outcome, unknown.formal) == (Outcome.PASSED, "unknown")
    assert "out of time" in unknown.detail
    contradiction = second_opinion(wrong, Equivalence(Status.PROVED, "by induction"))
    assert contradiction.outcome is Outcome.MISMATCH
    assert contradiction.detail.startswith("CONTRADICTION")
    assert "vector 3" in contradiction.detail
    assert second_opinion(wrong, Equivalence(Status.REFUTED)) == Verdict(
        "t", "c", Outcome.MISMATCH, 0.5, wrong.detail, formal="refuted"
    )


def test_a_difference_that_no_simulation_shows_is_a_conflict_of_tools_and_no_verdict(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    claimed = Proof(Found.DIFFERS, 2, ((0, 1), (1, 1)))  # what a Yosys that reads a design otherwise would say
    monkeypatch.setattr(formal, "prove", lambda *_: claimed)
    found = equivalence(AND, AND.replace("a & b", "!(!a || !b)"), "top")
    assert (found.status, found.inputs) == (Status.CONFLICT, claimed.inputs)
    assert found.detail.startswith("conflict of tools: Yosys finds a difference after 2 steps")
    verdict = second_opinion(Verdict("t", "c", Outcome.PASSED, 1.0), found)
    assert (verdict.outcome, verdict.reason, verdict.formal) == (Outcome.UNSUPPORTED, Reason.CONFLICT, "conflict")
    assert "conflict of tools" in verdict.detail
    assert equivalence(AND, AND.replace("&", "|"), "top").status is Status.REFUTED
    monkeypatch.setattr(formal, "prove", lambda *_: Proof(Found.DIFFERS, 2, ((0,), (1,))))
    undefined = equivalence(DELAY, DELAY.replace("y <= a", "y <= !(!a)"), "top")
    assert undefined.status is Status.UNKNOWN
    assert undefined.detail.endswith("where values are undefined")


def test_verify_asks_for_a_second_opinion_inside_the_sandbox(make: MakeCandidate) -> None:
    header = "module top (\n  input [63:0] a,\n  output y\n);\n"
    task = Task("parity", "", header, header + "  assign y = ^a;\nendmodule\n", "top")
    bodies = (
        "  assign y = a[0] ^ ^a[63:1];\nendmodule\n",
        "  assign y = ^a ^ (a == 64'h1234_5678_9abc_def1);\nendmodule\n",
        "  assign y = &a;\nendmodule\n",
    )
    candidates = [make(task, body, i) for i, body in enumerate(bodies)]
    silent = list(verify(candidates, [task], VerifySettings(workers=1)))
    assert [(v.outcome, v.formal) for v in silent] == [
        (Outcome.PASSED, ""),
        (Outcome.PASSED, ""),
        (Outcome.MISMATCH, ""),
    ]
    asked = list(verify(candidates, [task], VerifySettings(workers=1, formal=True)))
    assert [(v.outcome, v.formal) for v in asked] == [
        (Outcome.PASSED, "proved"),
        (Outcome.MISMATCH, "refuted"),
        (Outcome.MISMATCH, ""),
    ]
    assert asked[1].mismatch is not None
    assert asked[1].agreement == 1.0
    assert "Yosys" in asked[1].detail
    assert "yosys" in asked[0].tools
