"""Designs under a testbench in Python: right, wrong and hostile ones, and benches that cannot judge."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from tests.cocotb_here import needs_cocotb

from itertl.errors import SandboxError, ToolError
from itertl.outcome import Outcome, Reason
from itertl.records import Task, Verdict
from itertl.score import score
from itertl.tasks.files import parse_task
from itertl.tools.process import Limits
from itertl.tools.shop import Shop, open_shop
from itertl.verify import VerifySettings
from itertl.verify.cocotb import fit as fits
from itertl.verify.cocotb.bench import by_cocotb, ruling_of
from itertl.verify.cocotb.fit import Fit, fit_of
from itertl.verify.cocotb.results import Status, Test
from itertl.verify.cocotb.simulation import Design, Ran, simulate

pytestmark = needs_cocotb

SETTINGS = VerifySettings(workers=1, cache=False, output_mb=1, own_bench=True)
HEADER = "module counter #(parameter WIDTH = 8) (input clk, input rst, input en, output reg [WIDTH-1:0] q);\n"
UNSAID = "module counter(clk, rst, en, q);"  # no stub can be made of it: one that ends at once takes its place
STEP = "  always @(posedge clk) if (rst) q <= 0; else if (en) q <= q + 1;\n"
RIGHT = f"{HEADER}{STEP}endmodule\n"
TB = """
import random
import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge

async def begin(dut):
    cocotb.start_soon(Clock(dut.clk, 10, unit="ns").start())
    dut.rst.value, dut.en.value = 1, 0
    for _ in range(2):
        await FallingEdge(dut.clk)
    dut.rst.value = 0

@cocotb.test()
async def counts(dut):
    await begin(dut)
    wanted = 0
    for _ in range(20):
        dut.en.value = step = random.getrandbits(1)
        wanted += step
        await FallingEdge(dut.clk)
        assert dut.q.value == wanted, f"expected {wanted}"

@cocotb.test()
async def begins_at_zero(dut):
    await begin(dut)
    assert dut.q.value == 0

@cocotb.test(skip=True)
async def later(dut):
    assert False

@cocotb.test(expect_fail=True)
async def is_known_to_fail(dut):
    await begin(dut)
    assert dut.q.value == 1
"""
QUICK = "import cocotb\nfrom cocotb.triggers import Timer\n\n@cocotb.test()\nasync def one(dut):\n    "


def task(bench: str = TB, **fields: str) -> Task:
    row = {"id": "counter", "instruction": "count", "header": HEADER, "testbench": bench, "bench": "cocotb", **fields}
    return parse_task(row, "rows:1")


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    """One for all tests here: what is learnt of the bench is kept with it."""
    with TemporaryDirectory() as folder:
        yield open_shop(Path(folder))


def judged(posed: Task, shop: Shop, *codes: str) -> list[Verdict]:
    designs = [(f"d{number}", code) for number, code in enumerate(codes)]
    return [found.verdict for found in by_cocotb(posed, designs, SETTINGS, shop)]


def test_tests_decide_and_their_share_is_the_reward(shop: Shop) -> None:
    wrong = RIGHT.replace("q + 1", "q + 2")
    right, half, held = judged(task(), shop, RIGHT, wrong, RIGHT.replace("module counter ", "module other "))
    assert (right.outcome, right.detail, right.agreement) == (Outcome.PASSED, "", 1.0)
    assert right.tools.partition(", ")[2].startswith("cocotb 2.")
    assert half.outcome is Outcome.MISMATCH
    assert half.agreement == pytest.approx(2 / 3)
    assert half.detail == "1 of 3 tests fail: counts, line 22: AssertionError: expected 1"
    assert held.outcome is Outcome.INTERFACE_MISMATCH
    assert [score("testbench", task(), "", v) for v in (right, half)] == [1.0, pytest.approx(2 / 3)]


ATTACKS = {
    "ends the run": ("  initial #30 $finish;\n", Outcome.MISMATCH),
    "ends it with an error": ("  initial #30 $fatal(1);\n", Outcome.MISMATCH),
    "never ends": ("  always @(posedge clk) while (1) q = ~q;\n", Outcome.TIMEOUT),
    "prints without end": ('  always @(posedge clk) while (1) $display("%0200d", 0);\n', None),
    "writes and prints results": (
        '  integer f; initial begin q = 1; f = $fopen("results.xml"); $fdisplay(f, "<testsuites>'
        '<testsuite tests=\\"1\\"><testcase name=\\"counts\\"/></testsuite></testsuites>"); $fclose(f);'
        ' $display("** TESTS=3 PASS=3 FAIL=0 SKIP=1 **"); end\n',
        Outcome.MISMATCH,
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_what_the_guard_refuses_would_not_pass_without_it(name: str, shop: Shop) -> None:
    body, outcome = ATTACKS[name]
    (refused,) = judged(task(), shop, f"{HEADER}{body}endmodule\n") if "while" not in body else (None,)
    assert refused is None or refused.outcome is Outcome.REJECTED, refused
    fit = fit_of(task(), SETTINGS, shop)
    assert isinstance(fit, Fit)
    ran = simulate(task(), Design(f"{HEADER}{body}endmodule\n"), Limits(0.8, file=1 << 20), SETTINGS, shop)
    ruling = ruling_of(ran, fit) if isinstance(ran, Ran) else ran
    assert ruling.outcome is outcome or (outcome is None and ruling.outcome in (Outcome.TIMEOUT, Outcome.OUTPUT_LIMIT))


def test_a_design_that_drives_its_inputs_is_refused(shop: Shop) -> None:
    lies = "  supply0 low;\n  buf(en, low);\n  assign rst = 1;\n"
    (verdict,) = judged(task(), shop, f"{HEADER}{lies}{STEP}endmodule\n")
    assert verdict.outcome is Outcome.REJECTED, verdict
    (posing,) = judged(task(), shop, RIGHT.replace("endmodule", "  wire \\q[0] = 1;\nendmodule"))
    assert posing.detail == "escaped name: q[0] reads like a path to something else"
    ran = simulate(task(), Design(f"{HEADER}{lies}{STEP}endmodule\n"), Limits(), SETTINGS, shop)
    assert not isinstance(ran, Ran)
    assert ran.reason is Reason.DRIVES_INPUT


def test_only_all_the_results_of_all_the_tests_pass() -> None:
    passed, other = Test("a", Status.PASSED), Test("b", Status.PASSED)
    fit = Fit((passed, other), None, 1.0, True)

    def outcome(*tests: Test, status: int = 0) -> Outcome:
        return ruling_of(Ran(tests, "", 0.1, status), fit).outcome

    skips = dataclasses.replace(other, status=Status.SKIPPED)
    assert outcome(passed, other) is Outcome.PASSED
    assert outcome(passed, other, status=1) is Outcome.MISMATCH
    assert outcome(passed) is Outcome.REJECTED
    assert outcome(passed, other, other) is Outcome.REJECTED
    assert outcome(passed, skips) is Outcome.MISMATCH  # the reference does not skip it
    assert outcome(dataclasses.replace(passed, status=Status.SKIPPED), skips) is Outcome.MISMATCH
    assert ruling_of(Ran(None, "", 0.1), fit).outcome is Outcome.MISMATCH
    assert ruling_of(Ran(None, "MemoryError", 0.1), fit).reason is Reason.MEMORY


FAULTS = {
    "import nothing_of_this_name\n": "line 1: ModuleNotFoundError: No module named 'nothing_of_this_name'; install",
    "import cocotb\n": "it holds no test",
    QUICK + "undefined(dut)\n": "its test one, line 6: NameError: name 'undefined' is not defined",
    QUICK.replace("test()", "test(skip=True)") + "pass\n": "no test of the bench runs: 1 test, all skipped",
    QUICK + "await Timer(1)\n": "the bench passes a design whose outputs are always 0",
}


@pytest.mark.parametrize("bench", FAULTS)
def test_a_fault_of_the_bench_is_not_the_designs(bench: str, shop: Shop) -> None:
    posed = task(bench) if "always" in FAULTS[bench] else task(bench, header=UNSAID)
    (verdict,) = judged(posed, shop, RIGHT)
    assert (verdict.outcome, verdict.reason) == (Outcome.TOOL_ERROR, Reason.UNFIT_REFERENCE)
    assert verdict.detail.startswith(f"no verdict of the testbench: {FAULTS[bench]}"), verdict.detail


def test_a_bench_that_waits_for_ever_times_out(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fits, "_STARTS", 1.5)
    monkeypatch.setattr(fits, "ALONE_CPU", 0.2)
    waits = QUICK + "while dut.q.value != 7:\n        dut.en.value = 0\n        await Timer(1)\n"
    (verdict,) = judged(task(waits, header=UNSAID), shop, RIGHT)
    assert (verdict.outcome, verdict.detail) == (Outcome.TIMEOUT, "used up its CPU time (run)")


def test_a_header_without_directions_leaves_the_ports_free(shop: Shop) -> None:
    posed = task(QUICK + "await Timer(1)\n    assert dut.q.value == 1\n", header="module m(a, q);")
    code = "module m(a, q);\n  input a;\n  output q;\n  assign q = 1;\nendmodule\n"
    both = code.replace("input", "inout")
    assert [v.outcome for v in judged(posed, shop, code, both)] == [Outcome.PASSED, Outcome.REJECTED]


def test_the_reference_tells_what_the_bench_may_look_at(shop: Shop) -> None:
    inside = QUICK + "await Timer(1)\n    assert int(dut.WIDTH.value) == 8 and dut.inner.value == 3\n"
    reference = RIGHT.replace("endmodule", "  wire signed [3:0] inner = 4'sd3;\nendmodule")
    posed = dataclasses.replace(task(inside), reference=reference)
    assert [v.outcome for v in judged(posed, shop, reference, RIGHT)] == [Outcome.PASSED, Outcome.MISMATCH]
    failing = dataclasses.replace(task(), reference=RIGHT.replace("q + 1", "q + 2"))
    (verdict,) = judged(failing, shop, RIGHT)
    assert "the reference fails the bench: 1 of 3 tests fail: counts, line 22" in verdict.detail


def test_a_machine_where_cocotb_does_not_start_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fits, "_TRIAL", "raise OSError('no library')\n")
    with pytest.raises(ToolError, match=r"cocotb 2.* does not run here: .*OSError: no library"):
        by_cocotb(task(), [("d", RIGHT)], SETTINGS, open_shop(tmp_path))


def test_a_rows_bench_runs_in_a_sandbox_alone(shop: Shop) -> None:
    with pytest.raises(SandboxError, match=r"keeps it off files and network, and this machine offers rlimits"):
        by_cocotb(task("raise SystemExit\n"), [("d", RIGHT)], VerifySettings(), shop)  # in this process: nothing holds
