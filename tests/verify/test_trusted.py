"""References are trusted alike, however they come in; what they leave open or never end is told."""

from collections.abc import Mapping

import pytest

from itertl.outcome import Outcome, Reason
from itertl.records import Submission, Task
from itertl.tools.shop import Shop
from itertl.verify import VerifySettings, check_references, verify
from itertl.verify.judge import prepare
from itertl.verify.judged import Reference, Unfit
from itertl.verilog.checks import without_checks

pytestmark = pytest.mark.usefixtures("kept_workers")

SETTINGS = VerifySettings(workers=1, cycles=60, cache=False)
CLOCKED = "module t(input clk, input d, output reg q);"
PLAIN = f"{CLOCKED} always @(posedge clk) q <= d; endmodule"
SIMULATED = {
    "delays": f"{CLOCKED} always @(posedge clk) q <= #1 d; endmodule",
    "delays of nets": f"{CLOCKED} wire #2 w; assign #3 w = d; always @(posedge clk) q = #1 w; endmodule",
    "delays of statements": f"{CLOCKED} always @(posedge clk) begin #1 q = d; end endmodule",
    "long delays": f"{CLOCKED} always @(posedge clk) begin #10 q = 0; if (d) #900 q = 1; #5; end endmodule",
    "reports": f'{CLOCKED} always @(posedge clk) begin q <= d; if (d) $display("d"); end endmodule',
    "errors": f'{CLOCKED} always @(posedge clk) if (d === 1\'bx) $error("d"); else q <= d; endmodule',
    "assertions": f"{CLOCKED} always @(posedge clk) begin assert (1) else $error; q <= d; end "
    "a: assert property (@(posedge clk) d |=> q); endmodule",
    "a check that acts": f"{CLOCKED} always @(posedge clk) begin q <= 0; assert (!d) else q <= 1; end endmodule",
    "the end": f'{CLOCKED} always @(posedge clk) q <= d; final $display("end"); endmodule',
}


def test_what_only_simulates_is_no_fault_of_a_reference_and_one_of_a_candidate() -> None:
    tasks = [Task.of(code, id=name) for name, code in SIMULATED.items()]
    assert list(check_references(tasks, SETTINGS)) == [None] * len(tasks)
    given = [Submission.whole(task.id, code) for task in tasks for code in (PLAIN, PLAIN.replace("<= d", "<= ~d"))]
    given += [Submission.whole("delays", SIMULATED[name]) for name in SIMULATED if name != "delays"]
    found = [(v.outcome, v.reason) for v in verify(given, tasks, SETTINGS)]
    right, wrong = (Outcome.PASSED, None), (Outcome.MISMATCH, None)
    refused = (Outcome.REJECTED, Reason.CONSTRUCT)
    assert found == [right, wrong] * len(tasks) + [refused] * (len(SIMULATED) - 1)


def test_a_reference_with_modules_in_another_order_is_still_the_reference() -> None:
    inner = "module u(input clk, input d, output reg q); always @(posedge clk) q <= #1 d; endmodule : u"
    outer = f"{CLOCKED} wire w; u u(clk, d, w); always @* q = w; endmodule"
    task = Task.of(f"{inner}\n{outer}", id="two", top="t")
    both = [f"{inner}\n{outer}", f"{outer}\n{inner}", f"{outer}\n{inner.replace('#1 d', '#1 ~d')}"]
    found = [v.outcome for v in verify([Submission.whole("two", code) for code in both], [task], SETTINGS)]
    assert found == [Outcome.PASSED, Outcome.PASSED, Outcome.REJECTED]


def test_a_reference_that_oscillates_is_told_soon(shop: Shop) -> None:
    code = "module t(input a, b, output y); wire w; assign w = ~(a & w), y = w & b; endmodule"
    found = prepare(Task.of(code, id="ring"), SETTINGS, shop)
    assert isinstance(found, Unfit)
    assert (found.outcome, found.reason) == (Outcome.TOOL_ERROR, Reason.STUCK_REFERENCE)
    assert found.fault.startswith("the reference gets stuck")
    assert "may oscillate" in found.fault


@pytest.mark.parametrize(
    "body", ["initial q = 0; always #5 q = ~q;", "initial begin q = d; forever begin #2 q = ~q; #3; end end"]
)
def test_a_reference_with_a_clock_of_its_own_serves_nobody(body: str, shop: Shop) -> None:
    found = prepare(Task.of(f"{CLOCKED} {body} endmodule", id="own"), SETTINGS, shop)
    assert isinstance(found, Unfit)
    assert (found.outcome, found.fault.partition(":")[0]) == (Outcome.TOOL_ERROR, "the reference is refused")
    assert "a clock of its own" in found.fault


OPEN: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "combinational": ("assign y = a & b; assign z[1:0] = {a, b};", ("z[3:2] is never 0 or 1",)),
    "an output": ("assign y = a & b;", ("z is never 0 or 1",)),
    "x": ("assign y = a; assign z = {a ? 2'bxx : 2'bx, a, b};", ("z[3:2] is never 0 or 1",)),
    "clocked": ("reg r; always @(posedge b) r <= a; assign y = r; assign z[3] = r;", ("z[2:0] is never 0 or 1",)),
    "nothing": ("assign y = a; assign z = {4{b}};", ()),
}


@pytest.mark.parametrize("name", OPEN)
def test_what_a_reference_never_drives_is_told(name: str, shop: Shop) -> None:
    body, facts = OPEN[name]
    task = Task.of(f"module t(input a, b, output y, output [3:0] z); {body} endmodule", id=name)
    found = prepare(task, SETTINGS, shop)
    assert isinstance(found, Reference)
    told = tuple(f.partition(",")[0] for f in found.unexercised if "z" in f)
    assert told == facts


def test_of_checks_nothing_is_left_that_prints_and_nothing_lost_that_acts() -> None:
    text = (
        "module t; initial begin assert (f(a)); assert #0 (a) x = 1; else x = 2; assert (b) else $error; end endmodule"
    )
    found = without_checks(text)
    assert "assert" not in found
    assert "if (f(a));" in found
    assert "if (a) x = 1; else x = 2;" in found
    assert "assert (f(a))" in without_checks(text, own=True)


def test_a_file_that_a_reference_reads_and_that_is_missing_is_named(shop: Shop) -> None:
    reads = f'{CLOCKED} reg m [0:1]; initial $readmemh("boot.hex", m); always @(posedge clk) q <= m[d]; endmodule'
    found = prepare(Task.of(reads), SETTINGS, shop)
    assert isinstance(found, Unfit)
    assert "boot.hex, which $readmemh reads, is missing: it has to lie beside a source" in found.fault
    assert (found.outcome, found.reason) == (Outcome.TOOL_ERROR, Reason.UNFIT_REFERENCE)


ACTING = [
    "assert ((y |= 1'b1));",
    "assert (a == b++);",
    'assert (0) else $error("%d", f(1));',
    "assert (0) else $display((y = 1));",
    "assert (1) if (f(1)) $display;",
    "assert (1) for (y = 0; y == 0; y = 1) $display;",
    "assert ($cast(y, 1'b1));",
]


def test_of_a_projects_candidate_no_assertion_is_left_out_in_which_something_may_change() -> None:
    for acting in ACTING:
        text = f"module t(input a, b, output reg y); always @* begin {acting} y = a; end endmodule"
        assert acting in without_checks(text, own=True), acting
    calls = "sequence s; (a, f()) ##1 b; endsequence property p; @(posedge a) s; endproperty"
    text = f"module t(input a, b); {calls} assert property (p) else $error; endmodule"
    found = without_checks(text, own=True)
    assert "sequence s; (a, f())" in found
    assert "assert" not in found
    plain = "always @(posedge a) assert ($past(b) == b) else $error(b); assert property (@(posedge a) a |-> b);"
    assert "assert" not in without_checks(f"module t(input a, b); {plain} endmodule", own=True)
