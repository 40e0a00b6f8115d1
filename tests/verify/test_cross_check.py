"""A second reading of a design by Yosys: what both tools read alike is left alone, a conflict is no verdict."""

import dataclasses
import sys

import pytest
from tests.tools.yosys_programs import needs_yosys
from tests.verify.test_legal_designs import FILES, cases

from itertl.config import CrossCheck, VerifyConfig
from itertl.errors import MissingToolError
from itertl.outcome import Outcome, Reason
from itertl.records import Submission, Task, Verdict
from itertl.tasks.filters import Filters, reasons
from itertl.tools.shop import Shop
from itertl.verify import VerifySettings, check_references, cross_check, judge, references, verify, with_cross_check
from itertl.verify.batch import Rig
from itertl.verify.judged import Reference, Unfit
from itertl.verilog.guard import Accepted
from itertl.verilog.rewrite.plain.design import Plain
from itertl.verilog.rewrite.rewritten import often_misread

SIGNED = "module top(input signed [3:0] a, output signed [7:0] y); assign y = a >>> 1; endmodule"
UNSIGNED = "module top(input [3:0] a, output [7:0] y); assign y = a >> 1; endmodule"
PLAIN = "module top(input [3:0] a, output [7:0] y); assign y = {{5{a[3]}}, a[3:1]}; endmodule"
SETTINGS = VerifySettings(workers=1, cache=False)

pytestmark = needs_yosys


def judged(reference: str, code: str, wanted: CrossCheck) -> Verdict:
    task = Task.of(reference, top="top")
    (verdict,) = verify([Submission.of(task, code)], [task], dataclasses.replace(SETTINGS, cross_check=wanted))
    return verdict


@pytest.fixture
def misread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the second reading of what is signed be another one, as a tool's would that forgets the sign."""
    real = cross_check.second_reading

    def forgetful(design, rig, limits=None):  # type: ignore[no-untyped-def]
        other = dataclasses.replace(design, plain=Plain(UNSIGNED, ((7, 3, "top"),)))
        return other if "signed" in design.code else real(design, rig)

    monkeypatch.setattr(cross_check, "second_reading", forgetful)


BEYOND = {"write up, element of packed", "fixed struct member"}  # Yosys writes beyond the element, into its neighbour


@pytest.mark.slow
def test_what_is_read_alike_has_no_conflict() -> None:
    designs = {name: case for path in FILES for name, case in cases(path).items()}
    tasks = [Task.of(design, id=name, top="t") for name, (design, _, _) in designs.items()]
    settings = VerifySettings(cycles=40, cross_check="all", cache=False)
    found = dict(zip(designs, check_references(tasks, settings), strict=True))
    assert {name for name, fault in found.items() if fault} == BEYOND, found
    assert all("conflict of tools" in str(found[name]) for name in BEYOND)


def test_a_second_reading_is_plain_verilog_that_behaves_alike(settings: VerifySettings, shop: Shop) -> None:
    task = Task.of(SIGNED, top="top")
    found = judge.prepare(task, dataclasses.replace(settings, cross_check="references"), shop)
    assert isinstance(found, Reference)
    design = judge.gated(SIGNED, "top", found.interface.ports)
    assert isinstance(design, Accepted)
    rig = Rig(found.interface, found.plan, shop, found.pace)
    second = cross_check.second_reading(design, rig)
    assert second is not None
    assert second.code != SIGNED
    assert cross_check.conflict(design, rig.alone(design).traces[0], rig) == cross_check.Crossed(True)


@pytest.mark.parametrize(
    "body",
    [
        "input en, d, output reg q); always @* if (en) q = d;",
        "input clk, input [3:0] a, d, output [3:0] q); reg [3:0] m [0:11]; assign q = m[a]; "
        "always @(posedge clk) m[a] <= d;",
    ],
    ids=["latch", "memory"],
)
def test_what_hardware_and_simulation_do_differently_has_no_second_reading(
    body: str, settings: VerifySettings, shop: Shop
) -> None:
    code = f"module top({body} endmodule"
    found = judge.prepare(Task.of(code, top="top"), settings, shop)
    assert isinstance(found, Reference)
    design = judge.gated(code, "top", found.interface.ports)
    assert isinstance(design, Accepted)
    assert cross_check.second_reading(design, Rig(found.interface, found.plan, shop, found.pace)) is None


@pytest.mark.usefixtures("misread")
def test_a_reference_in_conflict_serves_nobody(settings: VerifySettings, shop: Shop) -> None:
    asked = dataclasses.replace(settings, cross_check="references")
    unfit = judge.prepare(Task.of(SIGNED, top="top"), asked, shop)
    assert isinstance(unfit, Unfit)
    assert (unfit.outcome, unfit.reason) == (Outcome.UNSUPPORTED, Reason.CONFLICT)
    said = "the reference has a conflict of tools: vector 0: y is 11111110 in simulation and 00000110 as "
    assert unfit.fault.startswith(said)
    assert unfit.fault.endswith("it has signed, >>>")
    right = judge.judge(Task.of(SIGNED, top="top"), unfit, [("c", PLAIN)], asked, shop)[0].verdict
    assert (right.outcome, right.reason) == (Outcome.UNSUPPORTED, Reason.CONFLICT)
    assert isinstance(judge.prepare(Task.of(SIGNED, top="top"), settings, shop), Reference)


@pytest.mark.usefixtures("misread")
@pytest.mark.parametrize("reference", [PLAIN, UNSIGNED], ids=["passes", "does not"])
def test_a_candidate_in_conflict_neither_passes_nor_fails(reference: str, settings: VerifySettings, shop: Shop) -> None:
    task = Task.of(reference, top="top")
    for wanted in ("suspicious", "all"):
        asked = dataclasses.replace(settings, cross_check=wanted)
        prepared = judge.prepare(task, asked, shop)
        found = judge.judge(task, prepared, [("signed", SIGNED), ("same", reference)], asked, shop)
        first, second = (j.verdict for j in found)
        assert (first.outcome, first.reason, first.agreement) == (Outcome.UNSUPPORTED, Reason.CONFLICT, 0.0)
        assert "conflict of tools" in first.detail
        assert second.passed


def test_only_what_tools_have_misread_is_suspicious() -> None:
    assert often_misread(PLAIN) == ()
    assert often_misread("logic signed [3:0] a; assign y = $signed (b) >>> a; int i;") == (
        "signed",
        "$signed",
        ">>>",
        "int",
    )
    assert often_misread("logic [1:0][3:0] m; assign m = '{1, 2};") == ("][", "'{")


@pytest.mark.parametrize("wanted", ["off", "references", "suspicious", "all"])
def test_verdicts_of_real_tools_do_not_change(wanted: CrossCheck) -> None:
    assert judged(PLAIN, SIGNED, wanted).passed
    assert judged(SIGNED, UNSIGNED, wanted).outcome is Outcome.MISMATCH


def test_without_yosys_references_are_not_asked_for_and_the_rest_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise MissingToolError("no Yosys")

    monkeypatch.setattr(references, "find_yosys", missing)
    assert with_cross_check(SETTINGS, "references").cross_check == "off"
    assert with_cross_check(SETTINGS, "all").cross_check == "all"
    monkeypatch.setattr(sys.modules["itertl.verify.engine"], "find_yosys", missing)
    with pytest.raises(MissingToolError):
        judged(PLAIN, PLAIN, "all")


def test_references_of_rows_are_read_twice_where_the_config_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def checked(tasks, settings, *, exercised):  # type: ignore[no-untyped-def]
        asked.append(settings.cross_check)
        return check_references(tasks, settings, exercised=exercised)

    monkeypatch.setattr("itertl.tasks.filters.check_references", checked)
    task = Task.of(SIGNED, "Half of a.", top="top")
    for wanted in ("off", "references"):
        config = VerifyConfig(workers=1, cross_check=wanted)
        assert list(reasons([task], Filters(), config)) == [""]
    assert asked == ["off", "references"]
