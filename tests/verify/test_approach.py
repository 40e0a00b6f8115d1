"""Counts that a candidate alone has are approached, whoever is judged beside it, and named where they are too far."""

import dataclasses
import itertools

import pytest

from itertl.records import Submission, Task, Verdict
from itertl.verify import VerifySettings, verify
from itertl.verify.approach import LADDER, Approach, approached, approaches
from itertl.verify.stimuli import make_plan
from itertl.verilog import counts as counting_of
from itertl.verilog.counts import counts_of, read_counts
from itertl.verilog.interface import read_interface

pytestmark = pytest.mark.usefixtures("kept_workers")

CLOCKED = "module top(input clk, input rst, input en, input d, output reg q);"
HOLDS = f"{CLOCKED} always @(posedge clk) if (rst) q <= 0; else if (en) q <= d; endmodule"
COUNTING = (
    f"{CLOCKED} reg [15:0] n; always @(posedge clk) if (rst) begin q <= 0; n <= 0; end else begin"
    " if (WHEN) n <= n + 1; else n <= 0; if (n == FAR) q <= 0; else if (en) q <= d; end endmodule"
)
SETTINGS = VerifySettings(workers=1, cycles=100)


def counting(when: str, far: int) -> str:
    """A design that forgets what it holds once it has counted so far."""
    return COUNTING.replace("WHEN", when).replace("FAR", str(far))


def judged(codes: list[str]) -> list[Verdict]:
    task = Task.of(HOLDS, id="t")
    designs = [Submission.of(task, code) for code in codes]
    found = {v.code_id: v for v in verify(designs, [task], SETTINGS)}
    return [found[design.code_id] for design in designs]


def test_counts_of_a_candidate_alone_are_reached_or_named_alone_and_in_company() -> None:
    wrong = [counting(*pair) for pair in (("en", 40), ("!en", 40), ("en && d", 100), ("1", 700))]
    far, right = (
        counting("1", 50_000),
        counting("en", 40).replace("q <= 0; else if (en)", "q <= en ? d : q; else if (en)"),
    )
    together = judged([*wrong, far, right])
    assert [v.outcome.value for v in together] == ["mismatch"] * 4 + ["passed"] * 2
    assert [v.unexercised for v in together[4:]] == [("n of the design is not counted to 50000",), ()]
    for code, company in zip((wrong[0], far), (together[0], together[4]), strict=True):
        (alone,) = judged([code])
        assert dataclasses.replace(alone, seconds=0.0) == dataclasses.replace(company, seconds=0.0)


@pytest.mark.parametrize(
    ("body", "counts"),
    [
        ("if (n == 700) n <= 0; else n <= n + 1;", {700: "n"}),
        ("if (n == 2 * P - 1) n <= 0; else n++;", {599: "n"}),
        ("if (n == 0) n <= P - 1; else n--;", {299: "n", 300: "n"}),
        ("n += 1; case (n) 60, 61: q <= 1; default: q <= 0; endcase", {60: "n", 61: "n"}),
        ("n <= n + 1; q <= n[8];", {256: "n"}),
        ("n <= n - 1; q <= ~|n;", {1023: "n"}),
        ("n <= n + q; q <= n >= 80;", {80: "n"}),
        ("n <= n + 20; q <= n < 10;", {}),
        ("n <= n ^ 700; q <= n == 800;", {}),
        ("for (int i = 0; i < 100; i++) q <= q ^ n[i % 4];", {}),
    ],
)
def test_counts_are_read_where_something_counts(body: str, counts: dict[int, str]) -> None:
    code = "module top(input clk, output reg q); parameter P = 300; reg [9:0] n; always @(posedge clk) begin"
    assert counts_of(f"{code} {body} end endmodule", "top") == counts


def test_what_the_reference_counts_to_needs_no_approach() -> None:
    reference, same, more = ({n: "n"} for n in (99, 100, 130))
    assert Approach.of(same, reference).cycles == 0
    assert Approach.of(more, reference).cycles == 192
    assert Approach.of({130: "n", 10**6: "m"}, reference).beyond == {10**6: "m"}
    assert approaches({"a": HOLDS, "b": counting("en", 40)}, HOLDS, "top").keys() == {"b"}


def test_a_plan_for_fewer_cycles_is_the_beginning_of_one_for_more() -> None:
    interface = read_interface(HOLDS, "top")
    usual = make_plan(interface, "s", 10, 10)
    plans = [approached(usual, interface, "s", cycles).vectors for cycles in LADDER[:4]]
    assert all(b[: len(a)] == a for a, b in itertools.pairwise(plans))
    assert plans[-1] == approached(usual, interface, "s", LADDER[3]).vectors
    assert len(approached(usual, interface, "s", LADDER[-1]).vectors) < 200_000


def test_a_design_with_more_expressions_than_are_read_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    many = counting("en", 40)
    assert not read_counts(many, "top").cut
    assert approaches({"a": many}, many, "top") == {}
    monkeypatch.setattr(counting_of, "MOST", 2)
    assert read_counts(many, "top").cut
    (approach,) = approaches({"a": many}, HOLDS, "top").values()
    assert approach.unexercised == ("the design's counts are read from its first 20,000 expressions alone",)


def test_many_counts_that_are_not_reached_are_counted() -> None:
    far = Approach.of({n: f"n{n}" for n in range(50_000, 50_090, 10)}, {})
    assert far.unexercised[-1] == "and 6 more counts of the design"
    assert len(far.unexercised) == 4
