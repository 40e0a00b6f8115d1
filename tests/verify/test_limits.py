"""A legal design that is beyond the simulator is `unsupported`: no fault of the design, no failure of the tools."""

import dataclasses
from typing import Any

import pytest

from itertl.outcome import Outcome, Reason
from itertl.records import Task
from itertl.tools.icarus import Run
from itertl.tools.process import Stop
from itertl.tools.shop import Shop
from itertl.verify import VerifySettings
from itertl.verify.judge import judge, prepare
from itertl.verify.judged import Reference, Unfit
from itertl.verify.limits import beyond
from itertl.verilog.guard import Accepted, inspect
from itertl.verilog.rewrite import rewritten
from itertl.verilog.rewrite.plain.scope import UnsupportedError

HEADER = "module top(input [3:0] a, input [2:0] n, output [3:0] y);\n"
CRASHES = f"{HEADER}function automatic [3:0] step(); step = 4'd3; endfunction assign y = a + step(); endmodule"
REFUSED = f"{HEADER}assign y = a + (a inside {{[0:15]}} ? 4'd3 : 4'd0); endmodule"  # by Icarus Verilog 11 and 12
ILLEGAL = f"{HEADER}typedef enum logic [3:0] {{A, B}} e; e k; always_comb k = a; assign y = k; endmodule"
PLAIN = f"{HEADER}assign y = a + 4'd3; endmodule"
TASK = Task.of(PLAIN, id="plus three", top="top")


@pytest.fixture(autouse=True)
def nothing_is_rewritten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave designs to the simulator as they are."""

    def give_up(top: Any) -> Any:
        raise UnsupportedError("the construct")

    monkeypatch.setattr(rewritten, "in_plain_verilog", give_up)


@pytest.mark.parametrize("code", [CRASHES, REFUSED], ids=["crash", "refusal"])
def test_as_a_candidate_it_is_no_fault_of_its_own(code: str, settings: VerifySettings, shop: Shop) -> None:
    reference = prepare(TASK, settings, shop)
    assert isinstance(reference, Reference)
    found = judge(TASK, reference, [("limit", code), ("right", PLAIN), ("illegal", ILLEGAL)], settings, shop)
    expected = [Outcome.UNSUPPORTED, Outcome.PASSED, Outcome.ELABORATION_ERROR]
    assert [j.verdict.outcome for j in found] == expected
    assert found[0].verdict.detail.startswith("beyond iverilog")
    assert "the construct" in found[0].verdict.detail
    assert not found[0].verdict.outcome.judged


DECLARED_TWICE = {
    "net": "wire t; wire t; assign y = a + 4'd3;",
    "another width": "wire t; wire [1:0] t; assign y = a + 4'd3;",
    "net and variable": "wire t; reg t; assign y = a + 4'd3;",
    "variable": "integer i; integer i; assign y = a + 4'd3;",
    "parameter": "parameter P = 3; parameter P = 4; assign y = a + P;",
}


@pytest.mark.parametrize("body", DECLARED_TWICE.values(), ids=DECLARED_TWICE)
def test_what_the_standard_forbids_is_the_designs_fault_where_the_front_end_only_warns(
    body: str, settings: VerifySettings, shop: Shop
) -> None:
    reference = prepare(TASK, settings, shop)
    assert isinstance(reference, Reference)
    found = judge(TASK, reference, [("twice", f"{HEADER}{body} endmodule")], settings, shop)
    assert found[0].verdict.outcome is Outcome.ELABORATION_ERROR
    assert "already" in found[0].verdict.detail


@pytest.mark.parametrize("code", [CRASHES, REFUSED], ids=["crash", "refusal"])
def test_as_a_reference_it_is_no_fault_of_its_candidates(code: str, settings: VerifySettings, shop: Shop) -> None:
    task = Task.of(code, top="top")
    reference = prepare(task, settings, shop)
    assert isinstance(reference, Unfit)
    (found,) = judge(task, reference, [("right", PLAIN)], settings, shop)
    assert (found.verdict.outcome, found.verdict.reason) == (Outcome.UNSUPPORTED, Reason.UNFIT_REFERENCE)
    assert "the reference is beyond iverilog" in found.verdict.detail


def test_a_compiler_that_crashes_behind_an_error_says_nothing_of_a_legal_design(shop: Shop) -> None:
    for code, expected in ((PLAIN, "line 2: error: odd"), (ILLEGAL, "")):
        design = inspect(code, "top", None)
        assert isinstance(design, Accepted)
        run = Run("compile", Stop.CRASH, 0.1, message="line 2: error: odd", located=True)
        told = dataclasses.replace(design, plain=dataclasses.replace(design.plain, unsaid=""))
        assert beyond(told, "top", run, shop) == expected
