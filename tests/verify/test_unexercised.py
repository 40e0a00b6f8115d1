"""What no stimulus reaches in a reference is said in short facts; deep states that can be reached are reached."""

import dataclasses
import io
import json
from pathlib import Path

import pytest
from rich.console import Console
from tests.verify.deep_designs import KINDS

from itertl.commands.sources import Around
from itertl.commands.verify import Asked, verify_design
from itertl.records import Submission, Task, Verdict
from itertl.verify import VerifySettings, check_references, verify
from itertl.verilog.points import with_points

pytestmark = pytest.mark.usefixtures("kept_workers")

DIVIDER = next(kind for kind in KINDS if kind.name == "slow divider").reference.replace("top", "blink")
STUB = "module blink(input clk, input rst, output led); assign led = 0; endmodule"
QUICK = ("up and down counter", "FIFO of 16 words", "long fall", "clear while enabled", "signed boundaries", "watchdog")
SETTINGS = VerifySettings(workers=1)


Judged = dict[str, tuple[list[Verdict], list[Verdict]]]


@pytest.fixture(scope="module")
def judged() -> Judged:
    """The verdicts on the wrong and the right twins of each kind, by its name; all are judged in one stream."""
    twins = [
        (kind, Task.of(kind.reference), [*kind.twins(kind.wrong)], [kind.reference, *kind.twins(kind.right)])
        for kind in KINDS
    ]
    asked = (Submission.of(task, code) for _, task, wrong, right in twins for code in wrong + right)
    found = {(v.task_id, v.code_id): v for v in verify(asked, [task for _, task, _, _ in twins], SETTINGS)}

    def verdicts(task: Task, codes: list[str]) -> list[Verdict]:
        return [found[task.id, Submission.of(task, code).code_id] for code in codes]

    return {kind.name: (verdicts(task, wrong), verdicts(task, right)) for kind, task, wrong, right in twins}


@pytest.mark.slow
@pytest.mark.parametrize("name", QUICK)
def test_wrong_twins_of_deep_designs_fail_and_right_ones_pass(name: str, judged: Judged) -> None:
    wrong, right = judged[name]
    assert [v.passed for v in wrong] == [False] * len(wrong)
    assert all(v.passed and not v.unexercised for v in right), right


@pytest.mark.slow
def test_few_wrong_twins_pass_and_hardly_one_without_a_word(judged: Judged) -> None:
    passed, count = [], 0
    for name, (wrong, right) in judged.items():
        assert all(v.passed for v in right), name
        passed += [v for v in wrong if v.passed]
        count += len(wrong)
    assert len(passed) <= 0.2 * count
    assert len([v for v in passed if not v.unexercised]) <= 0.04 * count


def test_a_stub_of_a_slow_divider_passes_with_words(tmp_path: Path) -> None:
    (tmp_path / "ref.v").write_text(DIVIDER)
    (tmp_path / "stub.v").write_text(STUB)
    for as_json in (False, True):
        console = Console(width=400, record=True, file=io.StringIO())
        assert verify_design(tmp_path / "stub.v", Around((tmp_path / "ref.v",)), Asked(as_json), console) == 0
        said = console.export_text()
        if as_json:
            assert "led never became 1" in json.loads(said)["unexercised"]
        else:
            assert "not exercised: led never became 1; n[22:" in said


def test_references_that_nothing_exercises_are_told() -> None:
    task = dataclasses.replace(Task.of(DIVIDER), id="divider")
    assert list(check_references([task], SETTINGS)) == [None]
    (fault,) = check_references([task], SETTINGS, exercised=True)
    assert fault is not None
    assert fault.startswith("its reference is not exercised: led never became 1; n[22:")


def test_points_stand_where_a_design_decides_and_change_nothing() -> None:
    code = (
        "module top(input clk, input [1:0] s, input [3:0] d, output reg q, output z); integer i; reg t;"
        " assign z = d == 4'd3; always @(posedge clk) begin t = d[0]; if (t) q <= 1; for (i = 0; i < 4; i = i + 1)"
        " if (d[i]) q <= 0; case (s) 2'd0, 2'd1: q <= d[1]; 2'd2: if (d[2]) q <= 1; default: q <= 0; endcase end"
        " endmodule"
    )
    decided = with_points(code, "top")
    assert decided is not None
    assert [p.fact for p in decided.points["top"]] == [
        "d == 4'd3 never true",
        "d == 4'd3 never false",
        "s: 2'd0, 2'd1 never reached",
        "s: 2'd2 never reached",
        "d[2] never true",
        "d[2] never false",
    ]
    assert [p.within for p in decided.points["top"]] == [-1, -1, -1, -1, 3, 3]
    assert [p.clocked for p in decided.points["top"]] == [False, False, True, True, True, True]
    assert decided.instances == (("", "top"),)


def test_facts_that_differ_in_blanks_alone_are_said_once() -> None:
    code = (
        "module t(input clk, rst, output reg y); reg [31:0] s; always @(posedge clk) if (rst) begin s <= 0; y <= 0; "
        "end else begin s <= s + 1; if (s==123456789) y <= 1; end endmodule"
    )
    task = Task.of(code, id="t", top="t")
    (verdict,) = verify([Submission.of(task, code)], [task], VerifySettings(workers=1))
    assert [fact.replace(" ", "") for fact in verdict.unexercised if "never true" in fact] == ["s==123456789nevertrue"]
