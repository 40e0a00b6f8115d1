"""What Icarus Verilog 11 refuses is rewritten, and means the same as a plain version written by hand."""

import pytest

from itertl.outcome import Outcome
from itertl.records import Candidate, Task, Verdict
from itertl.verify import VerifySettings, verify
from itertl.verilog.guard import Accepted, inspect

pytestmark = pytest.mark.usefixtures("kept_workers")

COMB = "input [3:0] a, input [3:0] b, output logic [7:0] y"
CLOCKED = "input clk, input rst, input [3:0] a, output logic [7:0] y"
STATES = "typedef enum logic [1:0] {IDLE, RUN = 2'd2, DONE} state_t; state_t state, next;"
PLAIN_STATES = "localparam IDLE = 0, RUN = 2, DONE = 3; reg [1:0] state, next;"
TABLE = "assign y = a[1:0] == 0 ? 5 : a[1:0] == 1 ? 6 : a[1:0] == 2 ? 7 : 8;"

# name -> (ports, body that Icarus 11 refuses, the same by hand)
PAIRS = {
    "cast to an enumeration": (
        CLOCKED,
        STATES
        + "always_comb next = state_t'(a[1:0] + 1); always_ff @(posedge clk) if (rst) state <= IDLE;"
        + " else state <= next; assign y = state == RUN ? 7 : state;",
        "reg [1:0] s; always @(posedge clk) if (rst) s <= 0; else s <= a[1:0] + 1; assign y = s == 2 ? 7 : s;",
    ),
    "choice between values of an enumeration": (
        CLOCKED,
        STATES
        + "always_comb case (state) IDLE: next = a[0] ? RUN : IDLE; RUN: next = a[1] ? DONE : RUN;"
        + " default: next = IDLE; endcase always_ff @(posedge clk) state <= rst ? IDLE : next; assign y = state;",
        PLAIN_STATES
        + "always @* case (state) IDLE: next = a[0] ? RUN : IDLE; RUN: next = a[1] ? DONE : RUN;"
        + " default: next = IDLE; endcase always @(posedge clk) state <= rst ? IDLE : next; assign y = state;",
    ),
    "an enumeration without a base type": (
        COMB,
        "typedef enum {A, B, C} e; e k; always_comb k = e'(a); assign y = k == C ? 9 : k;",
        "assign y = a == 2 ? 9 : a;",
    ),
    "break": (
        COMB,
        "always_comb begin y = 9; for (int i = 0; i < 4; i++) begin if (a[i]) begin y = i; break; end end end",
        "always @* y = a[0] ? 0 : a[1] ? 1 : a[2] ? 2 : a[3] ? 3 : 9;",
    ),
    "continue and break": (
        COMB,
        "always_comb begin y = 0; for (int i = 0; i < 4; i++) begin if (!a[i]) continue; if (b[i]) break; y += 1; end"
        " end",
        "reg go; integer i; always @* begin y = 0; go = 1; for (i = 0; i < 4; i = i + 1) if (a[i] && go)"
        " if (b[i]) go = 0; else y = y + 1; end",
    ),
    "break out of the inner loop only": (
        COMB,
        "always_comb begin y = 0; for (int i = 0; i < 4; i++) for (int j = 0; j < 4; j++) begin"
        " if (a[i] & b[j]) break; y++; end end",
        "integer i; always @* begin y = 0; for (i = 0; i < 4; i = i + 1)"
        " y = y + (!a[i] ? 4 : b[0] ? 0 : b[1] ? 1 : b[2] ? 2 : b[3] ? 3 : 4); end",
    ),
    "inside": (COMB, "assign y = a inside {1, 4'b1?00, [5:7]};", "assign y = a==1 || a==8 || a==12 || a>4 && a<8;"),
    "case inside": (
        COMB,
        "always_comb case (a) inside 1, 3: y = 1; [2:6]: y = 2; 4'b1??1: y = 3; default: y = 0; endcase",
        "always @* y = a == 1 || a == 3 ? 1 : a > 1 && a < 7 ? 2 : a[3] & a[0] ? 3 : 0;",
    ),
    "unique if": (
        COMB,
        "always_comb unique if (a == 0) y = 1; else if (a == 1) y = 2; else y = 3;",
        "assign y = a == 0 ? 1 : a == 1 ? 2 : 3;",
    ),
    "signed cast": (COMB, "assign y = signed'(a) + signed'(b);", "assign y = {{4{a[3]}}, a} + {{4{b[3]}}, b};"),
    "variables of a block": (
        COMB,
        "always_comb begin automatic logic [3:0] t = a ^ b; automatic int n = 0; for (int i = 0; i < 4; i++)"
        " n += t[i]; y = n; end",
        "wire [3:0] t = a ^ b; assign y = t[0] + t[1] + t[2] + t[3];",
    ),
    "const and var": (
        COMB,
        "const logic [3:0] k = 5; var logic [3:0] v; assign v = a; assign y = v + k;",
        "assign y=a+5;",
    ),
    "void function with an output": (
        COMB,
        "function automatic void add(input [3:0] p, q, output [7:0] s); s = p + q; endfunction : add\n"
        "always_comb add(a, b, y);",
        "assign y = a + b;",
    ),
    "all elements at once": (
        CLOCKED,
        "logic [3:0] m [0:3]; always_ff @(posedge clk) if (rst) m <= '{default: '0}; else m[a[1:0]] <= a;"
        "assign y = {m[0], m[3]};",
        "reg [3:0] p, q; always @(posedge clk) if (rst) {p, q} <= 0; else if (a[1:0] == 0) p <= a;"
        " else if (a[1:0] == 3) q <= a; assign y = {p, q};",
    ),
    "copies and parts of arrays": (
        CLOCKED,
        "logic [3:0] m [0:3], n [3:0]; always_ff @(posedge clk) begin m[0] <= a; m[1:3] <= m[0:2]; n <= m; end"
        " assign y = {m[3], n[0]};",
        "reg [3:0] p, q, r, s, t; always @(posedge clk) begin p <= a; q <= p; r <= q; s <= r; t <= s; end"
        " assign y = {s, t};",
    ),
    "a table": (COMB, "localparam logic [7:0] T [0:3] = '{5, 6, 7, 8}; assign y = T[a[1:0]];", TABLE),
    "a table of more dimensions": (
        COMB,
        "localparam logic [3:0] T [2][2] = '{'{5, 6}, '{7, 8}}; assign y = T[a[1]][a[0]];",
        TABLE,
    ),
    "a packed table": (COMB, "localparam logic [3:0][3:0] T = {4'd8, 4'd7, 4'd6, 4'd5}; assign y = T[a[1:0]];", TABLE),
    "structures": (
        COMB,
        "typedef struct packed {logic [1:0] h; logic [5:0] l;} pair; pair p; assign p = '{l: a, h: b[1:0]};"
        " assign y = p;",
        "assign y = {b[1:0], 2'b00, a};",
    ),
    "a structure that is not packed": (
        COMB,
        "typedef struct {logic [1:0] h; logic [1:0] l;} pair; pair p; always_comb begin p.h = a[3:2]; p.l = b[1:0];"
        " y = {p.l, p.h}; end",
        "assign y = {b[1:0], a[3:2]};",
    ),
    "bits reversed": (
        COMB,
        "logic [0:3] c, p; logic [3:0] q; assign c = b; assign p = {<<{a}}; assign q = {<<2{c}}; assign y = {p, q};",
        "assign y = {a[0], a[1], a[2], a[3], b[1:0], b[3:2]};",
    ),
}


def pair(ports: str, code: str, plain: str, name: str = "t") -> tuple[Task, Candidate]:
    """Return a task whose reference is `plain`, and `code` as its candidate."""
    header = f"module top({ports});\n"
    task = Task(name, "", header, f"{header}{plain}\nendmodule\n", "top")
    return task, Candidate(name, 0, 0, 0, "", "", f"{header}{code}\nendmodule\n", "c")


def judged(pairs: list[tuple[Task, Candidate]]) -> dict[str, Verdict]:
    """Return the verdicts by task."""
    tasks, candidates = zip(*pairs, strict=True)
    return {v.task_id: v for v in verify(candidates, tasks, VerifySettings(workers=1, cycles=100))}


def both(ports: str, code: str, plain: str) -> Verdict:
    """Return the verdict on `code` with `plain` as the reference."""
    return judged([pair(ports, code, plain)])["t"]


@pytest.fixture(scope="module")
def verdicts() -> dict[str, Verdict]:
    """The verdicts on all of PAIRS from one worker, whose start takes longer than a pair."""
    return judged([pair(*texts, name) for name, texts in PAIRS.items()])


@pytest.mark.parametrize("name", PAIRS)
def test_what_is_rewritten_means_the_same(name: str, verdicts: dict[str, Verdict]) -> None:
    assert (verdicts[name].outcome, verdicts[name].detail) == (Outcome.PASSED, "")


def test_plain_code_is_not_touched() -> None:
    code = "module top(input [3:0] a, output reg y); integer i; always @(*) begin y = 0; for (i = 0; i < 4; i = i + 1)"
    accepted = inspect(code + " y = y ^ a[i]; end endmodule", "top", None)
    assert isinstance(accepted, Accepted)
    assert accepted.renamed("") == accepted.code


def test_names_and_edits_go_together() -> None:
    code = (
        "module top(input [1:0] a, output [1:0] y); sub s(.a(a), .y(y)); endmodule\n"
        "module sub(input [1:0] a, output [1:0] y); assign y = {<<{a}}; endmodule\n"
    )
    accepted = inspect(code, "top", None)
    assert isinstance(accepted, Accepted)
    changed = accepted.renamed("m_")
    assert "m_sub s (" in changed
    assert "module m_sub" in changed


def test_a_number_for_an_enumeration_stays_an_error() -> None:
    code = "typedef enum logic [1:0] {A, B} e; e k; always_comb k = a[1:0]; assign y = k;"
    verdict = both(COMB, code, "assign y = a[1:0];")
    assert verdict.outcome is Outcome.ELABORATION_ERROR
    assert "explicit cast" in verdict.detail


def test_break_in_an_automatic_function_does_not_crash_the_simulator() -> None:
    code = (
        "function automatic [3:0] f(input [3:0] x); f = 9; for (int i = 0; i < 4; i++) begin : body"
        " if (x[i]) begin f = i; break; end end endfunction assign y = f(a);"
    )
    verdict = both(COMB, code, "assign y = a[0] ? 0 : a[1] ? 1 : a[2] ? 2 : a[3] ? 3 : 9;")
    assert verdict.outcome in (Outcome.ELABORATION_ERROR, Outcome.PASSED), verdict.detail


def test_a_compiler_that_crashes_behind_its_error_has_named_the_design_s_fault() -> None:
    # ivl 11 reports the reversed indices, then one of its own assertions fails.
    code = "wire [98:0] l, o; wire [99:0] i = a; assign o[0:97] = i[0:97] & l[0:97]; assign y = o;"
    assert both(COMB, code, "assign y = a;").outcome is Outcome.ELABORATION_ERROR
