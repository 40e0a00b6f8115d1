"""Several clocks, ports of both directions and outputs that are let go of."""

import random
from pathlib import Path

import pytest

from itertl.outcome import Outcome
from itertl.records import Submission, Task, Verdict
from itertl.report.waveform import write_vcd
from itertl.verify import VerifySettings, check_reference, verify
from itertl.verify.domains import several_clocks
from itertl.verify.replay import replay
from itertl.verify.stimuli import make_plan
from itertl.verilog.interface import read_interface

pytestmark = pytest.mark.usefixtures("kept_workers")

FIFO = (
    "module afifo(input wclk, wrst_n, winc, input [7:0] wdata, output reg wfull,\n"
    "             input rclk, rrst_n, rinc, output [7:0] rdata, output reg rempty);\n"
    "  reg [7:0] mem [0:7]; reg [3:0] wb, wp, rb, rp, w1, w2, r1, r2;\n"
    "  wire [3:0] wn = wb + (winc & ~wfull), wg = (wn >> 1) ^ wn, rn = rb + (rinc & ~rempty), rg = (rn >> 1) ^ rn;\n"
    "  always @(posedge wclk) if (winc & ~wfull) mem[wb[2:0]] <= wdata;\n  assign rdata = mem[rb[2:0]];\n"
    "  always @(posedge wclk or negedge wrst_n) if (!wrst_n) {wb, wp, r1, r2, wfull} <= 0; else begin\n"
    "    wb <= wn; wp <= wg; r1 <= rp; r2 <= r1; wfull <= wg == {~r2[3:2], r2[1:0]}; end\n"
    "  always @(posedge rclk or negedge rrst_n) if (!rrst_n) begin {rb, rp, w1, w2} <= 0; rempty <= 1; end else begin\n"
    "    rb <= rn; rp <= rg; w1 <= wp; w2 <= w1; rempty <= rg == w2; end\nendmodule\n"
)
PAD = (
    "module pad(input clk, rst, oe, input [3:0] d, inout [3:0] io, output reg [3:0] q, output [3:0] t);\n"
    "  assign io = oe ? d : 4'bz;\n  assign t = d[0] ? q : 4'bzzzz;\n"
    "  always @(posedge clk) if (rst) q <= 0; else q <= io;\nendmodule\n"
)
SETTINGS = VerifySettings(workers=1, cache=False, explore=False)


def judged(reference: str, *codes: str) -> list[Verdict]:
    task = Task.of(reference)
    return list(verify([Submission.of(task, code) for code in codes], [task], SETTINGS))


def test_one_clock_changes_at_each_step_and_never_with_another_input() -> None:
    interface = read_interface(FIFO, "afifo")
    assert interface.unsupported == ""
    plan = make_plan(interface, "seed", 300, 300)
    assert plan == make_plan(interface, "seed", 300, 300) != make_plan(interface, "other", 300, 300)
    assert sorted(name for name, _ in plan.clocks) == ["rclk", "wclk"]
    before = 0
    for vector in plan.vectors:
        assert ((vector ^ before) & plan.mask).bit_count() == 1
        before = vector
    for step in range(1, 20):
        moved = plan.vector(2 * step) ^ plan.vectors[step - 1]
        assert moved & plan.mask == 0
        assert (plan.vector(2 * step) ^ plan.vector(2 * step + 1)) & ~plan.mask == 0


def test_ratios_and_phases_are_drawn() -> None:
    interface = read_interface(FIFO, "afifo")
    plan = several_clocks(interface, iter([0] * 4000), random.Random(1))
    moved = [(a ^ b) & plan.mask for a, b in zip(plan.vectors, plan.vectors[1:], strict=False)]
    shares = [moved[at : at + 100].count(moved[0]) / 100 for at in range(0, len(moved) - 100, 100)]
    assert min(shares) < 0.4
    assert max(shares) > 0.6


def test_a_buffer_between_two_clocks_is_judged() -> None:
    hasty = FIFO.replace("rg == w2", "rg == w1")
    crossed = FIFO.replace("negedge rrst_n)", "negedge wrst_n)")
    other_clock = FIFO.replace("always @(posedge rclk or", "always @(posedge wclk or")
    late = FIFO.replace("always @(posedge rclk or", "always @(negedge rclk or")
    again = FIFO.replace("(wn >> 1) ^ wn", "wn ^ {1'b0, wn[3:1]}")
    verdicts = judged(FIFO, FIFO, again, hasty, crossed, other_clock, late)
    assert [v.outcome for v in verdicts] == [Outcome.PASSED] * 2 + [Outcome.MISMATCH] * 4
    assert "edge of rclk" in verdicts[2].detail
    assert "usual stimuli" in verdicts[0].unexercised[0]


def test_clocks_begin_at_0_and_rise_once() -> None:
    """Nothing of the bench is x before a clock's first edge, which some right designs would take for one."""
    head = "module top(input c1, c2, output reg [3:0] q, r, s); initial begin q = 0; r = 0; s = 0; end"
    second = "always @(posedge c2) s <= s + 1'b1; endmodule"
    reference = f"{head} always @(posedge c1) q <= q + 1'b1; always @(negedge c1) r <= r + 1'b1; {second}"
    right = f"{head} always @(c1) if (c1) q <= q + 1'b1; else r <= r + 1'b1; {second}"
    wrong = f"{head} always @(c1) if (c1) q <= q + 1'b1; else r <= r + 2'd2; {second}"
    assert [v.outcome for v in judged(reference, right, wrong)] == [Outcome.PASSED, Outcome.MISMATCH]


def test_ports_of_both_directions_are_driven_and_observed(tmp_path: Path) -> None:
    always = PAD.replace("oe ? d", "1 ? d")
    never = PAD.replace("oe ? d : 4'bz", "4'bz")
    partly = PAD.replace("oe ? d : 4'bz", "oe ? d : {2'bzz, 2'b00}")
    blind = PAD.replace("q <= io", "q <= d")
    holds = PAD.replace("4'bzzzz", "4'b0000")
    gates = PAD.replace("assign io = oe ? d : 4'bz;", "bufif1 b[3:0](io, d, oe);")
    verdicts = judged(PAD, PAD, gates, always, never, partly, blind, holds)
    assert [v.outcome for v in verdicts] == [Outcome.PASSED] * 2 + [Outcome.MISMATCH] * 5, verdicts
    assert verdicts[-1].detail.endswith("t expected zzzz, got 0000")
    task = Task.of(PAD)
    write_vcd(replay(task, holds, SETTINGS), tmp_path / "waves.vcd")
    assert "zzzz" in (tmp_path / "waves.vcd").read_text()


def test_an_output_that_nobody_drives_is_not_compared() -> None:
    reference = "module m(input a, output y, output z); assign y = ~a; endmodule\n"
    assert judged(reference, reference.replace("~a;", "~a; assign z = a;"))[0].outcome is Outcome.PASSED


def test_a_design_without_outputs_is_said_to_be_one() -> None:
    fault = check_reference(Task.of("module m(input a); wire y = a; endmodule\n"), SETTINGS)
    assert fault is not None
    assert "no outputs, so nothing of it can be compared" in fault


@pytest.mark.parametrize("driver", ["assign (supply1, supply0) io = d;", "tran t(io[0], d[0]);"])
def test_what_fights_over_a_port_moves_nobody_else(driver: str) -> None:
    fighting = PAD.replace("assign io = oe ? d : 4'bz;", driver)
    outcomes = [v.outcome for v in judged(PAD, fighting, PAD)]
    assert outcomes[0] in (Outcome.MISMATCH, Outcome.REJECTED)
    assert outcomes[1] is Outcome.PASSED
