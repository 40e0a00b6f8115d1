"""What initial blocks and initial values read is never x alone: wrong designs do not pass by it, right ones do."""

import pytest

from itertl.outcome import Outcome, Reason
from itertl.records import Candidate, Task
from itertl.verify import VerifySettings, verify
from itertl.verilog.early import early_input, early_reads
from itertl.verilog.frontend import elaborate, parse
from itertl.verilog.guard import Accepted, Refusal, inspect
from itertl.verilog.project import Project

pytestmark = pytest.mark.usefixtures("kept_workers")

HEADER = "module t(input clk, input d, output reg q);"
TASK = Task.of(f"{HEADER} always @(posedge clk) q <= d; endmodule", id="t", top="t")
INVERTS = "always @(posedge clk) q <= s ? ~d : d; endmodule"
POWER_UP = {
    "compared": "reg t, s; initial s = (t !== 1'bx);",
    "branch": "reg t, s; initial if (t) s = 1; else s = 0;",
    "case": "reg t, s; initial case (t) 0: s = 1; 1: s = 1; default: s = 0; endcase",
    "unknown bits": "reg t, s; initial s = ((t ^ t) === 1'b0);",
    "declared": "reg t; reg s = (t !== 1'bx);",
    "repeated": "reg t, s; integer n; initial begin s = 0; repeat (t ? 4 : 0) s = 1; end",
    "counter": "reg [2:0] t; reg s; integer n; initial begin s = 0; for (n = 0; n < t; n = n + 1) s = 1; end",
    "word of several dimensions": "reg [1:0] t [0:3][0:3]; reg s; initial s = (t[1][2] !== 2'bxx);",
    "bit of a wide one": "reg [19999:0] t; reg s; initial s = (t[3] !== 1'bx);",
    "wide one": "reg [19999:0] t; reg s; initial s = ((^t) !== 1'bx);",
    "word": "reg [1:0] t [0:3]; reg s; initial s = (t[2] !== 2'bxx);",
    "in a block": "reg s; initial begin : b reg k; s = (k !== 1'bx); end",
    "without a name": "reg s; initial begin reg k; s = (k !== 1'bx); end",
    "generated": "reg s; generate begin : g reg t; initial s = (t !== 1'bx); end endgenerate",
    "set later": "reg t, s; initial begin s = (t !== 1'bx); t = 0; end",
    "output": "reg s; initial s = (q !== 1'bx);",
    "function": "reg t, s; function f(input z); f = (t !== 1'bx); endfunction initial s = f(0);",
    "member": "struct packed {logic a, b;} t; logic s; initial s = (t.a !== 1'bx);",
}
REFUSED = {
    "a variable that is driven": "reg s; logic v; assign v = d; initial s = (v !== 1'b0);",
    "an automatic variable": "reg s; initial begin automatic logic k = d; s = (k !== 1'b0); end",
    "a variable of a loop": "reg s; initial for (int k = d; k < 1; k++) s = 1;",
    "input": "reg s; initial s = (d === 1'b0) || (d === 1'b1);",
    "clock": "reg s; initial s = (clk === 1'b0) || (clk === 1'b1);",
    "declared from an input": "reg s = (d !== 1'bx);",
    "floating": "wire w; reg s; initial s = (w !== 1'bz);",
    "of a register": "reg t, s; wire w = (t !== 1'bx); initial s = w;",
}
RIGHT = (
    "initial q = 0; always @(posedge clk) q <= d;",
    "wire w = 1'b0; initial q = w; always @(posedge clk) q <= d;",
    "parameter P = 1; reg s; initial if (P) s = 1; else s = 0; always @(posedge clk) q <= s & d;",
    "reg t, s; initial begin t = 1; s = t; end always @(posedge clk) q <= s & d;",
    "reg a = 1; reg b = a; always @(posedge clk) q <= b & d;",
    "reg t, s; initial s = t; always @(posedge clk) begin s <= t; q <= d; end",
    "reg [7:0] m [0:7]; integer i; initial begin m[0] = 1; for (i = 1; i < 8; i = i + 1) m[i] = m[i - 1] * 2; end"
    " always @(posedge clk) q <= m[3][3] & d;",
    "reg [3:0] m [0:3]; integer i; initial begin i = 0; while (i < 4) begin m[i] = i; i = i + 1; end end"
    " always @(posedge clk) q <= m[1][0] & d;",
    "always @(posedge clk) begin : b automatic logic k = d; q <= k; end",
    "reg b; function f(input x); f = ~x; endfunction initial b = f(0); always @(posedge clk) q <= b & d;",
)


def test_wrong_designs_do_not_pass_by_what_they_read_first_and_right_ones_do(settings: VerifySettings) -> None:
    wrong = {f"{HEADER} {body} {INVERTS}": Outcome.MISMATCH for body in POWER_UP.values()}
    refused = {f"{HEADER} {body} {INVERTS}": Outcome.REJECTED for body in REFUSED.values()}
    expected = wrong | refused | {f"{HEADER} {body} endmodule": Outcome.PASSED for body in RIGHT}
    candidates = [Candidate.of(TASK, code, index) for index, code in enumerate(expected)]
    found = {v.code_id: v for v in verify(candidates, [TASK], settings)}
    assert {c.code: found[c.code_id].outcome for c in candidates} == expected
    reasons = [found[c.code_id].reason for c in candidates[: len(wrong) + len(refused)]]
    assert reasons == [Reason.POWER_UP] * len(wrong) + [Reason.CONSTRUCT] * len(refused)


def test_loops_that_fill_memories_read_nothing() -> None:
    fills = "reg [3:0] m [0:3]; integer i; initial for (i = 0; i < 4; i = i + 1) m[i] = i;"
    for body, anything in ((fills, False), ("initial q = d;", True), ("reg t; initial q = t;", True)):
        found = early_reads(elaborate(parse(f"{HEADER} {body} endmodule"), "t").top)
        assert (found.anything, bool(found.nets)) == (anything, "= d" in body)


TRUSTED = "module lib(input d, output reg y); reg s; initial s = (d === 1'b1); always @* y = d ^ (s & 1'b0); endmodule"


def test_what_a_project_reads_so_early_is_its_own_business_and_what_the_candidate_reads_is_not() -> None:
    project = Project(modules=TRUSTED)
    uses = f"{HEADER} wire y; lib u (d, y); # always @(posedge clk) q <= y; endmodule"
    assert isinstance(inspect(uses.replace("#", ""), "t", None, project), Accepted)
    for own in ("reg s; initial s = (y !== 1'bx);", "reg s; initial s = (d !== 1'bx);", "reg s = (y === 1'bx);"):
        found = inspect(uses.replace("#", own), "t", None, project)
        assert isinstance(found, Refusal), own
        assert found.found == "reads too early"
    alone = inspect(f"{uses.replace('#', '')} {TRUSTED}", "t", None)
    assert isinstance(alone, Refusal)


def test_a_net_that_follows_from_an_input_through_many_others_is_found() -> None:
    wires = "wire w0 = d;" + "".join(f" wire w{i + 1} = ~w{i};" for i in range(300))
    for source, read in (("d", "w300"), ("1'b1", "")):
        text = f"{HEADER} {wires.replace('= d', f'= {source}')} reg s; initial s = w300; endmodule"
        assert early_input(elaborate(parse(text), "t").top) == read
