"""The walls between a suite's bench and a design: names drawn for each run, buffers, and what tells of a breach."""

from collections.abc import Callable

import pytest
from tests.verify.official.test_verdicts import BENCH, HEADER, RIGHT, SETTINGS, judge, task

from itertl.outcome import Outcome, Reason
from itertl.records import Task
from itertl.tools.shop import Shop
from itertl.verify.official import bench as suite_bench
from itertl.verify.official.walls import KEY, NONCE, TOP, can_be_wrapped, filled, gives_parameters, marked, wrapper
from itertl.verilog.guard import Accepted
from itertl.verilog.interface import Port
from itertl.verilog.rewrite.rewritten import Plain
from itertl.verilog.tokens import tokens

pytestmark = pytest.mark.usefixtures("kept_workers")

__all__ = ["task"]
SCOPES = ("tb", "good1", "reference_module", "top_module1", "stimuli", "stop_counting", "worse")
OTHER = BENCH.replace("initial begin", "initial begin : stimuli").replace(
    "  final begin",
    "  task stop_counting; total = 0; endtask\n  function [3:0] worse(input [3:0] n); worse = n + 1; endfunction\n"
    "  final begin",
)


def test_every_scope_of_the_bench_gets_a_name_of_the_run() -> None:
    text = marked(OTHER, "top_module")
    for name in SCOPES:
        assert KEY + name in text
    names = {token.text for token in tokens(filled(text, "nonce", "m1_top", "k1_"))}
    assert not names & {*SCOPES, "top_module"}
    assert {"k1_tb", "m1_top", "s", "a", "y", "v", "total"} <= names
    assert text.count(TOP) == 1
    assert text.count(NONCE) == 3


@pytest.mark.parametrize("name", ["good1.y", "tb.good1.y", "v[0]", "tb.found", "worse(a)"])
def test_no_name_in_a_design_reaches_the_bench_without_the_guard_either(
    name: str, task: Task, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unguarded(code: str, top: str, ports: object) -> Accepted:
        return Accepted(code, Plain(code, ((code.index(top), len(top), top),)))

    monkeypatch.setattr(suite_bench, "gated", unguarded)
    spy = f"{HEADER}  assign y = {name};\nendmodule\n"
    (judged,) = suite_bench.strict(task, [("spy", spy)], SETTINGS, shop)
    assert judged.verdict.outcome is Outcome.ELABORATION_ERROR


@pytest.mark.parametrize(
    "item",
    [
        "supply0 g; tran (a[0], g); assign y = a[s];",
        "assign (supply0, supply1) a = 4'd0; assign y = 0;",
        "assign (supply0, supply1) s = 2'd0; assign y = a[0];",
    ],
)
def test_what_the_bench_drives_stays_driven(item: str, task: Task, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def unguarded(code: str, top: str, ports: object) -> Accepted:
        return Accepted(code, Plain(code, ((code.index(top), len(top), top),)))

    monkeypatch.setattr(suite_bench, "gated", unguarded)
    (judged,) = suite_bench.strict(task, [("x", f"{HEADER}{item}\nendmodule\n")], SETTINGS, shop)
    assert judged.verdict.outcome is Outcome.REJECTED
    assert judged.verdict.reason is Reason.DRIVES_INPUT


def test_a_child_that_drives_an_input_is_told_of(task: Task) -> None:
    child = "endmodule\nmodule child(inout x); assign (supply0, supply1) x = 1'b0; endmodule\n"
    whole = f"{HEADER}  assign y = 0; child c(a[0]);\n{child}"
    right = HEADER + RIGHT
    forged, honest = judge(task, whole, right)
    assert forged.strict is Outcome.REJECTED
    assert forged.reason is Reason.DRIVES_INPUT
    assert honest.strict is Outcome.PASSED


def test_a_branch_that_two_readers_decide_otherwise_is_no_verdict(task: Task) -> None:
    item = "generate if (4294967296 == 0) begin leaf a(); end else begin leaf b(); end endgenerate"
    whole = f"{HEADER}  assign y = a[s]; {item}\nendmodule\nmodule leaf; endmodule\n"
    (verdict,) = judge(task, whole)
    assert verdict.strict is Outcome.REJECTED
    assert verdict.reason is Reason.TWO_READINGS


def test_a_bench_that_sets_parameters_is_run_without_a_module_between(task: Task, shop: Shop) -> None:
    header = HEADER.replace("top_module (", "top_module #(parameter W = 2) (")
    bench = BENCH.replace("top_module top_module1", "top_module #(3) top_module1")
    assert gives_parameters(marked(bench, "top_module"))
    assert not gives_parameters(marked(BENCH, "top_module"))
    own = Task(
        "p", "", header, header + RIGHT, "top_module", testbench=bench, rule="itertl.suites.verilog_eval_v1:RULE"
    )
    written = "  int unsigned n; assign n = s, y = W == {} ? a[n] : 1'b0;\nendmodule\n"
    designs = [
        ("right", header + RIGHT),
        ("needs 3", header + "  assign y = W == 3 ? a[s] : 1'b0;\nendmodule\n"),
        ("needs 3, and is of those that are written again", header + written.format(3)),
        ("needs 2, likewise", header + written.format(2)),
        ("inout", header + "  assign y = 0; c i(a[0]);\nendmodule\nmodule c(inout x); endmodule\n"),
    ]
    verdicts = [judged.verdict for judged in suite_bench.strict(own, designs, SETTINGS, shop)]
    assert [v.outcome for v in verdicts] == [
        *[Outcome.PASSED] * 3,
        Outcome.MISMATCH,
        Outcome.REJECTED,
    ]
    assert "bidirectional" in verdicts[4].detail


def test_only_plain_inputs_and_outputs_are_passed_through() -> None:
    plain: Callable[..., Port] = Port
    assert can_be_wrapped([plain("a", "input", 4), plain("y", "output", 1)])
    assert not can_be_wrapped([plain("a", "inout", 4)])
    assert not can_be_wrapped([])
    assert not can_be_wrapped(None)
    text = wrapper([plain("a b", "input", 4, signed=True), plain("y", "output", 1)], "o", "i", "k_", "n")
    assert "input wire signed [3:0] \\a b " in text
    assert "k_u (.\\a b (k_0), .y(y))" in text
