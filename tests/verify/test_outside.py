"""Declarations outside of modules, in candidates and references, alone and in batches: equal behaviour passes."""

import itertools

import pytest

from itertl.outcome import Outcome
from itertl.records import Candidate, Task
from itertl.verify import VerifySettings, verify

pytestmark = pytest.mark.usefixtures("kept_workers")

PORTS = "(input clk, input rst, input [1:0] go, output reg [1:0] q)"
STEP = (
    "always @(posedge clk) if (rst) q <= {first}; else case (go) {second}: q <= {third}; default: q <= {first}; endcase"
)
DESIGNS = {
    "plain": f"module m{PORTS}; {STEP.format(first='2', second='1', third='3')} endmodule",
    "macros": f"`define A 2\n`define B 1\n`define C 3\nmodule m{PORTS}; "
    + STEP.format(first="`A", second="`B", third="`C")
    + " endmodule",
    "unit": f"localparam A = 2; localparam B = 1, C = 3;\nmodule m{PORTS}; "
    + STEP.format(first="A", second="B", third="C")
    + " endmodule",
    "package": f"package p; typedef enum logic [1:0] {{B = 1, A = 2, C = 3}} t; endpackage\nmodule m{PORTS}; "
    + "import p::*; "
    + STEP.format(first="A", second="B", third="C")
    + " endmodule",
    "other package": f"package p; localparam A = 2, B = 1; endpackage\nlocalparam C = 3;\nmodule m{PORTS}; "
    + STEP.format(first="p::A", second="p::B", third="C")
    + " endmodule",
    "function": "function automatic [1:0] f(input [1:0] go); return go == 1 ? 3 : 2; endfunction\n"
    f"module m{PORTS}; always @(posedge clk) if (rst) q <= 2; else q <= f(go); endmodule",
}
WRONG = {name: code.replace("3", "0") for name, code in DESIGNS.items()}


def test_each_design_is_right_for_each_reference_in_any_company(settings: VerifySettings) -> None:
    tasks = [Task.of(code, id=name) for name, code in DESIGNS.items()]
    candidates = [
        Candidate.of(task, code, index)
        for task in tasks
        for index, code in enumerate(itertools.chain(DESIGNS.values(), WRONG.values()))
    ]
    verdicts = {(v.task_id, v.code_id): v for v in verify(candidates, tasks, settings)}
    for candidate in candidates:
        verdict = verdicts[candidate.task_id, candidate.code_id]
        expected = Outcome.PASSED if candidate.index < len(DESIGNS) else Outcome.MISMATCH
        assert verdict.outcome is expected, (candidate.task_id, candidate.code, verdict.detail)


def test_no_design_gives_another_one_what_that_lacks(settings: VerifySettings) -> None:
    lacking = f"module m{PORTS}; {STEP.format(first='A', second='B', third='C')} endmodule"
    task = Task.of(DESIGNS["plain"], id="t")
    candidates = [Candidate.of(task, code) for code in (DESIGNS["unit"], lacking, DESIGNS["package"])]
    outcomes = [v.outcome for v in verify(candidates, [task], settings)]
    assert outcomes == [Outcome.PASSED, Outcome.ELABORATION_ERROR, Outcome.PASSED]
