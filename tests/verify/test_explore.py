"""Coverage feedback: what the usual stimuli do not reach in a reference is looked for, and found again by its plan."""

from pathlib import Path

import pytest

from itertl.records import Candidate, Task
from itertl.tools.shop import open_shop
from itertl.verify import VerifySettings, verify
from itertl.verify.coverage import Probe
from itertl.verify.judge import prepare
from itertl.verify.judged import Known, Reference
from itertl.verify.replay import replay
from itertl.verilog.guard import Accepted, inspect
from itertl.verilog.interface import read_interface

pytestmark = pytest.mark.usefixtures("kept_workers")

DFF = "module top(input clk, input d, output reg q); always @(posedge clk) q <= d; endmodule"
ADDER = "module top(input [3:0] a, output [3:0] y); assign y = a + 1; endmodule"
LOCK = (
    "module top(input clk, input rst, input key, output open); reg [3:0] s; always @(posedge clk) if (rst) s <= 0;"
    " else if (s < 8) s <= key == (s != 3) ? s + 1 : 0; assign open = s == 8; endmodule"
)
WATCH = (
    "module top(input clk, input rst, input run, output reg [3:0] s, t, m, output late);"
    " always @(posedge clk) if (rst) {m, t, s} <= 0; else if (run) begin if (s == 9) begin s <= 0;"
    " if (t == 9) begin t <= 0; if (m < 9) m <= m + 1; end else t <= t + 1; end else s <= s + 1; end"
    " assign late = m == 9; endmodule"
)
TICK = (
    "module top(input clk, input rst, output tick); reg [4:0] c; always @(posedge clk)"
    " c <= rst | (c == 24) ? 5'd0 : c + 5'd1; assign tick = c == 3; endmodule"
)
DOG = (
    "module top(input clk, input rst, input kick, output reg bite, early); reg [5:0] c; always @(posedge clk) begin"
    " early <= kick & ~rst & c < 10; if (rst | kick) {bite, c} <= 0; else if (c < 40) c <= c + 1; else bite <= 1; end"
    " endmodule"
)
SERIAL = (
    "module top(input clk, input load, input [15:0] d, output q); reg [15:0] r; assign q = r[15];"
    " always @(posedge clk) r <= load ? d : {r[14:0], 1'b0}; endmodule"
)
NOISE = (
    "module top(input clk, input load, input [15:0] seed, output q); reg [15:0] r = 16'hACE1; assign q = r[15];"
    " always @(posedge clk) r <= load ? seed : {r[14:0], r[15] ^ r[13] ^ r[12] ^ r[10]}; endmodule"
)
SERVER = (
    "module top(input clk, input rst, input req, output busy); reg pend; reg [3:0] t; assign busy = t != 0;"
    " always @(posedge clk) if (rst) {pend, t} <= 0; else if (t == 0) begin if (req | pend) {pend, t} <= 10; end"
    " else begin t <= t - 1; if (req) pend <= 1; end endmodule"
)
WINDOW = (
    "module top(input clk, input rst, input kick, output reg fail); reg [4:0] c; always @(posedge clk) if (rst)"
    " {fail, c} <= 0; else begin c <= kick ? 0 : c == 20 ? c : c + 1; if (kick && c < 8) fail <= 1;"
    " if (!kick && c == 20) fail <= 1; end endmodule"
)
NESTED = (
    "module top(input clk, input [1:0] d, output [1:0] q); genvar g; generate for (g = 0; g < 2; g = g + 1)"
    " begin : lane part p(clk, d[g], q[g]); end endgenerate endmodule\n"
    "module part(input clk, input d, output reg q); reg [3:0] old; reg [7:0] m [0:3]; integer i; always @(posedge clk)"
    " begin old <= {old, d}; q <= old[3]; for (i = 0; i < 4; i = i + 1) m[i] <= d; end endmodule"
)


def prepared(code: str, folder: Path) -> Reference:
    """Return the reference, simulated."""
    reference = prepare(Task("t", "", "", code, "top"), VerifySettings(), open_shop(folder))
    assert isinstance(reference, Reference), reference
    return reference


@pytest.mark.parametrize(("code", "kinds"), [(DFF, ["phases"]), (ADDER, [])])
def test_what_is_seen_at_once_needs_little_on_top(code: str, kinds: list[str], tmp_path: Path) -> None:
    assert [extra.kind for extra in prepared(code, tmp_path).extras] == kinds


def test_slow_counters_get_as_long_as_they_need(tmp_path: Path) -> None:
    reference = prepared(WATCH, tmp_path)
    assert max(e.cycles for e in reference.extras) >= 900
    assert len(reference.plan.vectors) < 20_000
    assert reference.expected.trace.count("1") > 0


def test_what_is_found_is_the_same_again_and_need_not_be_looked_for(tmp_path: Path) -> None:
    first, again = prepared(WATCH, tmp_path), prepared(WATCH, tmp_path)
    assert (first.plan, first.expected, first.extras) == (again.plan, again.expected, again.extras)
    known = Known(first.expected.trace, 0.1, 0.1, first.extras)
    told = prepare(Task("t", "", "", WATCH, "top"), VerifySettings(), open_shop(tmp_path), known)
    assert isinstance(told, Reference)
    assert told.plan == first.plan


@pytest.mark.parametrize(
    ("reference", "old", "new"),
    [
        (WATCH, "late = m == 9", "late = 0"),
        (WATCH, "m < 9", "m < 8"),
        (LOCK, "s == 8", "s == 9"),
        (TICK, "24", "25"),
        (TICK, "24", "23"),
        (DOG, "c < 10", "c <= 10"),
        (DOG, "c < 10", "c < 9"),
        (DOG, "c < 40", "c < 41"),
        (SERIAL, "r[14:0], 1'b0", "r[14:0], r[15]"),
        (SERIAL, "r[14:0], 1'b0", "r[14:0], 1'b1"),
        (SERIAL, "r[14:0], 1'b0", "r[14:1], 2'b0"),
        (NOISE, "^ r[10]", "^ r[10] ^ r[7]"),
        (SERVER, "if (req) pend", "if (req && t != 1) pend"),
        (SERVER, "if (req) pend", "if (req && t != 9) pend"),
        (WINDOW, "c < 8", "c < 7"),
        (WINDOW, "kick && c < 8", "kick && (c < 8 || c == 20)"),
    ],
)
def test_defects_in_deep_states_are_found(reference: str, old: str, new: str) -> None:
    assert old in reference
    wrong = Candidate("t", 0, 0, 0, "", "", reference.replace(old, new), "wrong")
    task = Task("t", "", "", reference, "top")
    assert not next(iter(verify([wrong], [task], VerifySettings(workers=1)))).passed


def test_only_what_agrees_so_far_is_driven_through_the_stretches() -> None:
    task = Task("t", "", "", WATCH, "top")
    early, late, right = (
        replay(task, code, VerifySettings(workers=1))
        for code in (WATCH.replace("s == 9", "s == 8"), WATCH.replace("late = m == 9", "late = 0"), WATCH)
    )
    assert [r.verdict.passed for r in (early, late, right)] == [False, False, True]
    assert len(early.samples) < len(late.samples) == len(right.samples)
    for result in (early, late):
        assert result.verdict.mismatch is not None
        sample = result.samples[result.verdict.mismatch.sample]
        assert (sample.moment, sample.expected != sample.got) == (result.verdict.mismatch.moment, True)


def test_the_probe_shows_registers_in_instances_and_leaves_out_memories(tmp_path: Path) -> None:
    interface = read_interface(NESTED, "top")
    design = inspect(NESTED, "top", interface.ports)
    assert isinstance(design, Accepted)
    probe = Probe.of(design, interface, pointed=False)
    assert probe is not None
    assert probe.widths == (2, 4, 1, 4, 1)
    assert "lane" in probe.design.code
    assert "m_top itertl_seen" in probe.design.renamed("m_")
    assert probe.plain("10" + "01100" * 2 + "11" + "00000" * 2, interface) == "1011"
    assert set(prepared(NESTED, tmp_path).expected.trace) <= set("01x")


def test_without_registers_there_is_no_probe() -> None:
    interface = read_interface(ADDER, "top")
    design = inspect(ADDER, "top", interface.ports)
    assert isinstance(design, Accepted)
    assert Probe.of(design, interface) is None


def test_wide_outputs_are_driven_for_fewer_cycles(tmp_path: Path) -> None:
    """What a right design prints stays within what a candidate may."""
    code = (
        "module top(input clk, input rst, input a, b, c, e, output reg [259:0] q); reg [8:0] n; always @(posedge clk)"
        " if (rst) {n, q} <= 0; else begin n <= n == 299 ? 0 : n == 100 || n == 200 ? n + 1 + a : n + 1;"
        " q <= {q[258:0], a ^ b ^ c ^ e ^ n[0]}; end endmodule"
    )
    task = Task("t", "", "", code, "top")
    (verdict,) = verify([Candidate.of(task, code + "\n", 0)], [task], VerifySettings(workers=1))
    assert verdict.passed, verdict.detail
