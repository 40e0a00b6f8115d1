"""Comparisons are brought to the numbers at which they turn, so that one that is off by one shows itself."""

import pytest

from itertl.records import Submission, Task, Verdict
from itertl.verify import VerifySettings, verify
from itertl.verify.stimuli import Extra, planner
from itertl.verilog.interface import read_interface
from itertl.verilog.points import with_points

pytestmark = pytest.mark.usefixtures("kept_workers")

HEADER = "module t(input clk, input rst, input en, input [7:0] d, output reg y);"
SUMS = f"{HEADER} reg [15:0] s; always @(posedge clk) if (rst) begin s <= 0; y <= 0; end else begin"
TWINS = {  # what a cycle does: the reference, right and wrong
    "accumulator": (
        "if (en) s <= s + d; y <= s > 3000;",
        "if (en) s <= d + s; y <= !(s <= 3000);",
        "if (en) s <= s + d; y <= s >= 3000;",
    ),
    "other side": (
        "if (en) s <= s + d; y <= s > 3000;",
        "if (en) s <= s + d; y <= s >= 3001;",
        "if (en) s <= s + d; y <= s > 3001;",
    ),
    "downwards": (
        "if (en) s <= s - d; y <= s < 60000;",
        "if (en) s <= s - d; y <= s <= 59999;",
        "if (en) s <= s - d; y <= s <= 60000;",
    ),
    "integrator": (
        "if (en) s <= s + d - (s >> 5); y <= s > 1500;",
        "if (en) s <= s - (s >> 5) + d; y <= s > 1500;",
        "if (en) s <= s + d - (s >> 5); y <= s >= 1500;",
    ),
    "two numbers": (
        "if (en) s <= s + d; y <= s == 4321 || s == 1234;",
        "if (en) s <= s + d; y <= s == 1234 || s == 4321;",
        "if (en) s <= s + d; y <= s == 4321;",
    ),
    "beginning anew": (
        "if (en) begin if (s > 3000) s <= 0; else s <= s + d; end y <= s > 3000;",
        "if (en) begin if (s < 3001) s <= s + d; else s <= 0; end y <= s > 3000;",
        "if (en) begin if (s >= 3000) s <= 0; else s <= s + d; end y <= s > 3000;",
    ),
}


def judged(reference: str, *codes: str) -> list[Verdict]:
    task = Task.of(f"{SUMS} {reference} end endmodule", id="t", top="t")
    designs = [Submission.of(task, f"{SUMS} {code} end endmodule") for code in codes]
    found = {v.code_id: v for v in verify(designs, [task], VerifySettings(workers=1))}
    return [found[design.code_id] for design in designs]


@pytest.mark.parametrize("name", TWINS)
def test_thresholds_of_sums_that_are_off_by_one_fail(name: str) -> None:
    reference, right, wrong = TWINS[name]
    good, bad = judged(reference, right, wrong)
    assert (good.passed, bad.passed) == (True, False)
    assert not any("==" in fact for fact in good.unexercised)


def test_a_number_that_nothing_reaches_is_named() -> None:
    (found,) = judged("if (en) s <= s + {d, 2'b00}; y <= s > 3000;", "if (en) s <= s + {d, 2'b0}; y <= s > 3000;")
    assert found.passed
    assert "s == 3001 never true" in found.unexercised


def test_numbers_on_both_sides_are_points_behind_the_others() -> None:
    decided = with_points(f"{SUMS} if (en) begin if (s <= 9 && d > 3) s <= s + 1; end y <= 7 < s; end endmodule", "t")
    assert decided is not None
    points = decided.points["t"]
    assert [p.threshold for p in points if p.beside] == [("s", 9), ("s", 10), ("s", 7), ("s", 8)]
    assert all(p.beside for p in points[-4:])


@pytest.mark.parametrize("kind", ["bursts", "free", "held 1"])
def test_a_shorter_stretch_is_the_beginning_of_a_longer_one(kind: str) -> None:
    plan = planner(read_interface(f"{SUMS} s <= d; end endmodule", "t"), "seed", 60, 10)
    longer, shorter = (plan([Extra(kind, 3, cycles)]).vectors for cycles in (900, 170))
    assert longer[: len(shorter)] == shorter


SIGNED = (
    "module t(input clk, input rst, input en, input signed [7:0] d, output reg y); reg signed [15:0] s; "
    "always @(posedge clk) if (rst) begin s <= 0; y <= 0; end else begin if (en) s <= s + d; y <= {}; end endmodule"
)


@pytest.mark.parametrize(
    ("reference", "right", "wrong"),
    [
        ("s < -16'sd3000", "!(s >= -3000)", "s <= -3000"),
        ("-2000 <= s", "s > -2001", "s >= -2001"),
    ],
)
def test_negative_thresholds_that_are_off_by_one_fail(reference: str, right: str, wrong: str) -> None:
    task = Task.of(SIGNED.format(reference), id="t", top="t")
    designs = [Submission.of(task, SIGNED.format(code)) for code in (right, wrong)]
    found = {v.code_id: v for v in verify(designs, [task], VerifySettings(workers=1))}
    good, bad = (found[design.code_id] for design in designs)
    assert (good.passed, bad.passed) == (True, False)
    assert not any("==" in fact for fact in good.unexercised)
