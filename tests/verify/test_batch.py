"""Groups of designs give each design the verdict it has alone, whatever its neighbours do."""

import dataclasses
from collections.abc import Callable

import pytest

from itertl.outcome import Outcome
from itertl.records import Candidate, Task
from itertl.tools.icarus import Run
from itertl.tools.shop import Shop
from itertl.verify import VerifySettings, verify
from itertl.verify.batch import Rig
from itertl.verify.judge import gated, judge, prepare
from itertl.verify.judged import Reference
from itertl.verilog.guard import Accepted

MakeCandidate = Callable[..., Candidate]

GOOD = "localparam N = {}; always @(posedge clk) if (rst) q <= 0; else q <= d; endmodule"
HANGS = {
    "from the start": "initial while (1) q = ~q; endmodule",
    "in a loop that wraps": "reg [1:0] i; always @(posedge clk) for (i = 0; i < 4; i = i + 1) q <= d; endmodule",
    "without a delay": "wire n; assign n = (d == 5) ? ~n : 1'b0; always @(posedge clk) q <= rst ? 0 : d; endmodule",
    "late": "reg [3:0] k; initial k = 0; always @(posedge clk) begin k = k + 1; q <= d; while (k == 15) q <= 0; end "
    "endmodule",
}
NOT_FOR_ICARUS = "wire w; always @(posedge clk) w[0] <= d; endmodule"


def outcomes(task: Task, codes: list[str], settings: VerifySettings, shop: Shop) -> list[tuple[Outcome, str, float]]:
    reference = prepare(task, settings, shop)
    assert isinstance(reference, Reference)
    judged = judge(task, reference, [(str(i), task.header + c) for i, c in enumerate(codes)], settings, shop)
    return [(j.verdict.outcome, j.verdict.detail, j.verdict.agreement) for j in judged]


@pytest.mark.parametrize("kind", HANGS)
def test_a_design_that_hangs_is_found_and_takes_no_other_with_it(
    dff: Task, settings: VerifySettings, shop: Shop, kind: str
) -> None:
    codes = [GOOD.format(i) for i in range(9)]
    codes.insert(4, HANGS[kind])
    found = outcomes(dff, codes, settings, shop)
    assert [o for o, _, _ in found] == [Outcome.PASSED] * 4 + [Outcome.TIMEOUT] + [Outcome.PASSED] * 5
    assert found[4] == outcomes(dff, [HANGS[kind]], settings, shop)[0]


def test_several_hangs_and_compile_errors_in_one_group(dff: Task, settings: VerifySettings, shop: Shop) -> None:
    bad = [*HANGS.values(), "assign q = d; endmodule", "reg [3:0] m; always @(posedge clk) q <= m[d:0]; endmodule"]
    codes = [code for i, b in enumerate(bad) for code in (GOOD.format(i), b)]
    together = outcomes(dff, codes, settings, shop)
    assert together == [outcomes(dff, [code], settings, shop)[0] for code in codes]
    assert [o for o, _, _ in together[::2]] == [Outcome.PASSED] * len(bad)


def test_a_compile_error_costs_one_more_compilation_and_names_its_own_line(
    mux: Task, settings: VerifySettings, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    real = Rig.run

    def counting(self: Rig, designs: list[Accepted], *rest: object, **powers: object) -> Run:
        if not powers:
            sizes.append(len(designs))
        return real(self, designs, *rest, **powers)  # type: ignore[arg-type]

    monkeypatch.setattr(Rig, "run", counting)
    codes = [f"localparam N = {i}; assign y = a[s]; endmodule" for i in range(7)]
    codes.insert(5, "wire [1:0] w;\n  assign w[3] = a[0];\n  assign y = a[s];\nendmodule")
    found = outcomes(mux, codes, settings, shop)
    assert [o for o, _, _ in found].count(Outcome.PASSED) in (7, 8)
    if found[5][0] is Outcome.ELABORATION_ERROR and "Icarus" in found[5][1]:
        assert sizes == [1, 8, 1, 7]
        assert "line 7: " in found[5][1]


def test_names_that_are_drawn_at_random_stay_out_of_messages(dff: Task, settings: VerifySettings, shop: Shop) -> None:
    code = "sub x(d); endmodule module sub(input [3:0] a); wire [1:0] w = a[5:2]; reg r; assign r = w[7]; endmodule"
    first = outcomes(dff, [code], settings, shop)
    assert first == outcomes(dff, [code, GOOD.format(1)], settings, shop)[:1]


def test_slow_references_make_small_groups(dff: Task, settings: VerifySettings, shop: Shop) -> None:
    reference = prepare(dff, settings, shop)
    assert isinstance(reference, Reference)
    pace = dataclasses.replace(reference.pace, running=reference.pace.limits.cpu / 3)
    rig = Rig(reference.interface, reference.plan, shop, pace)
    assert pace.most == 2
    accepted = [gated(dff.header + GOOD.format(i), dff.top, None) for i in range(5)]
    runs = rig.settle({str(i): a for i, a in enumerate(accepted) if isinstance(a, Accepted)})
    assert [run.complete for run in runs.values()] == [True] * 5


def test_hangs_in_flight_are_judged_by_several_workers(
    dff: Task, make: Callable[..., Candidate], settings: VerifySettings, no_child_left: None
) -> None:
    bodies = [GOOD.format(i) for i in range(30)]
    for place, hang in enumerate(HANGS.values()):
        bodies.insert(place * 7, hang)
    verdicts = list(verify([make(dff, b, i) for i, b in enumerate(bodies)], [dff], settings))
    assert sum(v.passed for v in verdicts) == 30
    assert sum(v.outcome is Outcome.TIMEOUT for v in verdicts) == len(HANGS)
