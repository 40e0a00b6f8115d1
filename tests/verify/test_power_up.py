"""What a design does must not hang on what its registers begin with, unless the reference's behaviour does, too."""

import pytest

from itertl.outcome import Outcome, Reason
from itertl.records import Candidate, Submission, Task, Verdict
from itertl.verify import VerifySettings, verify
from itertl.verify.replay import replay
from itertl.verilog.frontend import elaborate, parse
from itertl.verilog.state import Held, state_of

pytestmark = pytest.mark.usefixtures("kept_workers")

HEADER = "module top(input clk, input d, output reg q);\n"
TASK = Task.of(HEADER + "always @(posedge clk) q <= d; endmodule\n", id="dff")
SETTINGS = VerifySettings(workers=1, cycles=40)
HIDDEN = {
    "a register that holds itself": "reg s; always @(posedge clk) s <= s & 1'b1;"
    " always @(posedge clk) if (s) q <= ~d; else q <= d;",
    "a counter": "reg [3:0] n; always @(posedge clk) begin n <= n + 1; if (n == 9) q <= ~d; else q <= d; end",
    "a ring whose other beginnings are right": "reg [3:0] r;"
    " always @(posedge clk) begin r <= {r[2:0], r[3]}; if (r == 4'b0100) q <= ~d; else q <= d; end",
    "two words of a memory that differ": "reg m [0:1]; always @(posedge clk) if (m[0] != m[1]) q <= ~d; else q <= d;",
    "a case": "reg [1:0] n; always @(posedge clk) begin n <= n + 1;"
    " case (n) 2'd2: q <= ~d; default: q <= d; endcase end",
    "a variable that nobody sets": "reg s; always @(posedge clk) if (s) q <= ~d; else q <= d;",
    "a net that nobody drives": "wire s; always @(posedge clk) if (s) q <= ~d; else q <= d;",
    "a test for x": "reg s; always @(posedge clk) if (s === 1'bx) q <= d; else q <= ~d;",
    "a test for z": "wire s; always @(posedge clk) case (s) 1'bz: q <= d; default: q <= ~d; endcase",
    "a function for x": "reg s; always @(posedge clk) if ($isunknown(s)) q <= d; else q <= ~d;",
    "a parity that is neither": "reg [1:0] s;"
    " always @(posedge clk) if ((^s) !== 1'b0 && (^s) !== 1'b1) q <= d; else q <= ~d;",
    "an explicit x": "reg s = 1'bx; always @(posedge clk) if (s) q <= ~d; else q <= d;",
    "a latch": "reg s; always @* if (0) s = 1; always @(posedge clk) if (s) q <= ~d; else q <= d;",
    "a structure": "struct packed { logic a; logic b; } s; always @(posedge clk) if (s.a) q <= ~d; else q <= d;",
    "an enumeration": "typedef enum logic { A, B } e; e s; always @(posedge clk) if (s == B) q <= ~d; else q <= d;",
    "a memory": "reg [3:0] m [0:7]; reg [2:0] a = 0;"
    " always @(posedge clk) begin a <= a + 1; if (m[a][0]) q <= ~d; else q <= d; end",
    "a static variable of a function": "function f(input x); reg s; f = s; endfunction"
    " always @(posedge clk) if (f(d)) q <= ~d; else q <= d;",
    "a variable of a block": "always @(posedge clk) begin : b reg s; if (s) q <= ~d; else q <= d; end",
    "a register beside much padding": "reg [16383:0] pad; reg s;"
    " always @(posedge clk) begin s <= s & 1'b1; if (s) q <= ~d; else q <= d; end",
    "a name with a dollar": "reg s$m; always @(posedge clk) if (s$m) q <= ~d; else q <= d;",
    "a register beside a variable that nobody can name": "reg s;"
    " always @(posedge clk) begin integer k; k = 0; s <= s & 1'b1; if (s) q <= ~d; else q <= d; end",
    "a register that a child reads": "reg s; wire t; pass p(s, t); always @(posedge clk) s <= s & 1'b1;"
    " always @(posedge clk) if (t) q <= ~d; else q <= d;",
    "a block without a name": "if (1) begin reg s; always @(posedge clk) begin s <= s;"
    " if (s) q <= ~d; else q <= d; end end",
    "blocks of a loop without a name": "for (genvar i = 0; i < 1; i++) begin reg s;"
    " always @(posedge clk) begin s <= s; if (s) q <= ~d; else q <= d; end end",
    "a branch without a block": "wire t; if (0) child c(d, t); else if (1) child c(clk, t);"
    " always @(posedge clk) if (t) q <= ~d; else q <= d;",
    "a case without a block": "wire t; case (2) 1: ; default: child c(clk, t); endcase"
    " always @(posedge clk) if (t) q <= ~d; else q <= d;",
    "an escaped name": "reg \\s+m ; always @(posedge clk) if (\\s+m ) q <= ~d; else q <= d;",
    "an escaped keyword": "reg \\begin ; always @(posedge clk) if (\\begin ) q <= ~d; else q <= d;",
    "an escaped instance": "wire t; child \\c.s (clk, t); always @(posedge clk) if (t) q <= ~d; else q <= d;",
    "an integer": "integer n; always @(posedge clk) begin n <= n + 1; if (n > 0 || n <= 0) q <= ~d; else q <= d; end",
    "a large memory": "reg m [0:8191]; always @(posedge clk) if (m[77]) q <= ~d; else q <= d;",
    "a memory of three dimensions": "reg [1:0] m [0:1][1:0][0:1];"
    " always @(posedge clk) if (m[1][1][0][1]) q <= ~d; else q <= d;",
    "a long vector": "reg [20000:0] m; always @(posedge clk) begin m <= {m, m[20000]};"
    " if (m[19000]) q <= ~d; else q <= d; end",
    "a net that is driven in part": "wire [3:0] w; assign w[0] = d;"
    " always @(posedge clk) if (w[2]) q <= ~d; else q <= d;",
    "an output of a child driven in part": "wire [1:0] w; part p(d, w);"
    " always @(posedge clk) if (w[1]) q <= ~d; else q <= d;",
    "an open input of a child": "wire t; pass p(.y(t)); always @(posedge clk) if (t) q <= ~d; else q <= d;",
    "a wired net that nobody drives": "wand s; always @(posedge clk) if (s) q <= ~d; else q <= d;",
    "gates in a ring": "wire a, b; nand (a, b, 1'b1); nand (b, a, 1'b1);"
    " always @(posedge clk) if (a) q <= ~d; else q <= d;",
    "an assignment to itself": "wire s; assign s = s & 1'b1; always @(posedge clk) if (s) q <= ~d; else q <= d;",
    "children in a ring": "wire s, t; pass a(s, t), b(t, s); always @(posedge clk) if (s) q <= ~d; else q <= d;",
    "a driver that is never on": "wire s; bufif1 (s, 1'b1, 1'b0); always @(posedge clk) if (s) q <= ~d; else q <= d;",
    "a z": "wire s = 1'bz; always @(posedge clk) if (s) q <= ~d; else q <= d;",
    "a strength that is none": "wire s; assign (highz1, strong0) s = 1'b1;"
    " always @(posedge clk) if (s) q <= ~d; else q <= d;",
    "drivers against each other": "wire s; assign s = d; assign s = ~d;"
    " always @(posedge clk) if (s) q <= ~d; else q <= d;",
    "drivers against each other on a bit": "wire [1:0] s; assign s[0] = d; assign s = {1'b0, ~d};"
    " always @(posedge clk) if (s[0]) q <= ~d; else q <= d;",
    "a z at a port": "wire s; pass p(1'bz, s); always @(posedge clk) if (s) q <= ~d; else q <= d;",
    "an x": "wire s = 1'bx; always @(posedge clk) if (s) q <= ~d; else q <= d;",
    "an x as a condition": "always @(posedge clk) if (1'bx) q <= ~d; else q <= d;",
    "a z as a condition": "always @(posedge clk) if (1'bz & 1'b1) q <= ~d; else q <= d;",
    "an x of any width": "logic [2:0] s; assign s = 'x; always @(posedge clk) if (s[2]) q <= ~d; else q <= d;",
    "an x in a parameter": "localparam [7:0] P = 8'hx7; always @(posedge clk) if (P[5]) q <= ~d; else q <= d;",
    "an x in a case": "always @(posedge clk) case (2'dx) 0: q <= ~d; 1, 2, 3: q <= ~d; default: q <= d; endcase",
    "a result that is never set": "function f(input a); if (0) f = a; endfunction"
    " always @(posedge clk) if (f(d)) q <= ~d; else q <= d;",
    "a variable of an automatic function": "function automatic f(input a); reg s; f = s; endfunction"
    " always @(posedge clk) if (f(d)) q <= ~d; else q <= d;",
    "a variable of a block without a name": "always @(posedge clk) begin reg s; s = s & 1;"
    " if (s) q <= ~d; else q <= d; end",
    "a child": "wire s; child c(clk, s); always @(posedge clk) if (s) q <= ~d; else q <= d;",
}
RIGHT = {
    "a register set at the beginning": "reg s = 0; always @(posedge clk) if (s) q <= ~d; else q <= d;",
    "a register in between": "reg s; always @(posedge clk) s <= d; always @* q = s;",
    "a register nobody reads": "reg [7:0] n; always @(posedge clk) begin n <= n + 1; q <= d; end",
    "a net nobody reads": "wire [3:0] n; always @(posedge clk) q <= d;",
    "an x that nobody reads": "reg [1:0] n = 0; always @(posedge clk) begin n <= 1;"
    " case (n) 0, 1: q <= d; default: q <= 1'bx; endcase end",
    "an x as a pattern": "reg [1:0] n = 0; always @(posedge clk) begin n <= n + 1;"
    " casex (n) 2'b1x: q <= d; 2'bx1, 2'b00: q <= d; endcase end",
    "an x in a parameter that is a pattern": "localparam [1:0] P = 2'b1x; reg [1:0] n = 0;"
    " always @(posedge clk) begin n <= n + 1; casex (n) P: q <= d; 2'b0x: q <= d; default: q <= ~d; endcase end",
    "a bus with a driver at a time": "reg e = 0; wire b; always @(posedge clk) e <= ~e;"
    " assign b = e ? d : 1'bz; assign b = e ? 1'bz : d; always @(posedge clk) q <= b;",
    "drivers that agree": "wire b; assign b = d; buf (b, d); always @(posedge clk) q <= b;",
    "a carry from bit to bit": "wire [3:0] c; assign c[0] = d; assign c[3:1] = c[2:0];"
    " always @(posedge clk) q <= c[3];",
    "a latch of gates": "wire s, r, p, n; assign s = ~(d & clk); assign r = ~(s & clk);"
    " nand (p, s, n); nand (n, r, p); always @(posedge clk) q <= d;",
    "blocks without a name": "for (genvar i = 0; i < 1; i++) if (1) begin reg s; always @(posedge clk) s <= d;"
    " always @* q = s; end",
    "a function that sets its result": "function automatic f(input a); reg s; begin s = a; f = s; end endfunction"
    " always @(posedge clk) q <= f(d);",
    "a memory read behind a write": "reg m [0:1]; always @(posedge clk) m[1] <= d; always @* q = m[1];",
}
CHILD = (
    "module child(input c, output reg s); always @(posedge c) s <= s; endmodule\n"
    "module pass(input a, output y); assign y = a; endmodule\n"
    "module part(input a, output [1:0] y); assign y[0] = a; endmodule\n"
)


def judged(task: Task, *codes: str) -> list[Verdict]:
    return list(verify([Candidate.of(task, code, i) for i, code in enumerate(codes)], [task], SETTINGS))


def test_wrong_hardware_that_x_hides_is_found_alone_and_in_company() -> None:
    codes = [f"{HEADER}{body} endmodule\n{CHILD}" for body in (*HIDDEN.values(), *RIGHT.values())]
    found = dict(zip((*HIDDEN, *RIGHT), judged(TASK, *codes), strict=True))
    assert {name for name, verdict in found.items() if verdict.passed} == set(RIGHT)
    for name in HIDDEN:
        assert found[name].outcome is Outcome.MISMATCH, name
        assert found[name].reason is Reason.POWER_UP, name
        assert found[name].mismatch is not None
    (alone,) = judged(TASK, codes[0])
    assert (alone.outcome, alone.detail) == (found[next(iter(HIDDEN))].outcome, found[next(iter(HIDDEN))].detail)


def test_what_hangs_on_power_up_in_the_reference_may_do_so_in_a_candidate() -> None:
    body = "reg [3:0] n; always @(posedge clk) begin n <= n + 1; if (n == 9) q <= ~d; else q <= d; end endmodule\n"
    task = Task.of(HEADER + body, id="free")
    same, reworded, other = judged(task, *(HEADER + body.replace("n == 9", c) for c in ("n == 9", "9 == n", "n == 3")))
    assert same.passed
    assert reworded.passed
    assert other.passed  # nobody can tell them apart


def test_a_single_beginning_that_shows_is_found_in_the_reference() -> None:
    machine = (
        "module t(input clk, rst, go, output reg y); reg [1:0] {s}; always @(posedge clk) if (rst) {s} <= 0; else"
        " {s} <= {s} == 2 ? 0 : {s} + go; always @* case ({s}) 1: y = go; 2: y = 1; default: y = ~go; endcase endmodule"
    )
    tasks = [Task.of(machine.replace("{s}", f"a{n}"), id=f"{n}") for n in range(12)]
    given = [Candidate.of(task, machine.replace("{s}", f"b{n}")) for n, task in enumerate(tasks)]
    assert [v.outcome for v in verify(given, tasks, SETTINGS)] == [Outcome.PASSED] * 12


def test_bits_that_settle_in_the_reference_are_compared() -> None:
    header = "module top(input clk, input rst, output reg [1:0] q);\n"
    good = "always @(posedge clk) if (rst) q <= 0; else q <= q + 1; endmodule\n"
    task = Task.of(header + good, id="counter")
    steps = "if (rst) q <= 0; else if (s) q <= q - 1; else q <= q + 1;"
    bad = f"reg s; always @(posedge clk) begin s <= s; {steps} end endmodule\n"
    right, wrong = judged(task, header + good.replace("q + 1", "1 + q"), header + bad)
    assert right.passed
    assert wrong.reason is Reason.POWER_UP


def test_the_waves_of_such_a_verdict_are_those_of_the_run_that_showed_it() -> None:
    code = f"{HEADER}{HIDDEN['a counter']} endmodule\n"
    shown = replay(TASK, code, SETTINGS)
    assert not shown.verdict.passed
    assert shown.verdict.mismatch is not None
    assert any(sample.expected != sample.got for sample in shown.samples)


@pytest.mark.parametrize(
    ("item", "state"),
    [
        ("reg [3:0] n;", [Held("n", 4)]),
        ("reg [7:0] m [3:0];", [Held("m", 8, (0, 3))]),
        ("wire w; wire v = d;", [Held("w", 1, net=True)]),
        ("logic l; assign l = d; wire w; and (w, d, clk);", []),
        ("function automatic f(input x); reg s; f = s; endfunction real r;", []),
        ("generate if (1) begin : g reg k; end if (1) begin reg k; end endgenerate", [Held("g.k", 1)]),
        ("child c(clk, w); wire w;", [Held("c.s", 1)]),
        ("reg m [0:1][5:2];", [Held("m[0]", 1, (2, 5)), Held("m[1]", 1, (2, 5))]),
        ("integer n; int i; time t;", [Held("n", 32, number=True), Held("t", 64, number=True)]),
        ("reg \\a+b ;", [Held("\\a+b ", 1)]),
        ("wire [1:0] w; assign w[0] = d;", [Held("w", 2, net=True, driven=True)]),
        ("wire w; assign w = d ? 1'bz : clk;", [Held("w", 1, net=True, driven=True)]),
        ("wire w; assign w = w | d;", [Held("w", 1, net=True, driven=True, loop=True)]),
        ("wire [3:0] w; assign w[0] = d; and (w[1], d, d); assign w[3:2] = 0;", []),
        ("wire [0:1] w; for (genvar i = 0; i < 2; i++) assign w[i] = d;", []),
        ("wire [1:0][2:0] w; assign w[1] = 0;", [Held("w", 6, net=True, driven=True)]),
        ("struct packed {logic a, b;} w; assign w.a = d; assign w.b = d;", []),
        ("wire v, w; assign {v, w} = 2'b1; wire u = v;", []),
    ],
)
def test_state_is_what_nothing_drives(item: str, state: list[Held]) -> None:
    tree = parse(f"module top(input clk, input d, output wire q); assign q = d; {item} endmodule\n{CHILD}")
    found = elaborate(tree, "top", share_instances=False)
    assert not found.error
    assert list(state_of(found.top)) == state


def test_what_is_too_large_to_be_set_is_named_and_its_first_and_last_words_are_set() -> None:
    head = "module t(input clk, input d, output reg q);"
    task = Task.of(f"{head} always @(posedge clk) q <= d; endmodule", id="t", top="t")
    reads = "always @(posedge clk) q <= s === 1 ? ~d : d; endmodule"
    codes = {
        "first words": f"{head} reg [7:0] m [0:40000]; wire s = m[5][0]; {reads}",
        "last words": f"{head} reg [7:0] m [0:40000]; wire s = m[39990][0]; {reads}",
        "later words": f"{head} reg [7:0] m [0:40000]; wire s = m[20000][0]; {reads}",
        "two": f"{head} reg [300000:0] v; reg [7:0] m [0:40000]; wire s = v[7]; {reads}",
        "small": f"{head} reg [7:0] m [0:3000]; reg s; always @(posedge clk) begin q <= d; s <= m[5]; end endmodule",
    }
    asked = {name: Submission.of(task, code) for name, code in codes.items()}
    found = {v.code_id: v for v in verify(list(asked.values()), [task], VerifySettings(workers=1))}
    verdicts = {name: found[design.code_id] for name, design in asked.items()}
    told = "always began undefined: too large to be given values at power-up"
    assert verdicts["first words"].reason is verdicts["last words"].reason is Reason.POWER_UP
    assert (verdicts["later words"].passed, verdicts["later words"].unexercised) == (True, (f"most of m {told}",))
    assert (verdicts["two"].passed, verdicts["two"].unexercised) == (True, (f"v and 1 more {told}",))
    assert (verdicts["small"].passed, verdicts["small"].unexercised) == (True, ())


@pytest.mark.parametrize("edge", ["posedge clk", "negedge clk"])
@pytest.mark.parametrize("kind", ["bit [3:0]", "int", "byte"])
def test_what_two_state_types_begin_with_before_a_reset_is_not_asked_for(kind: str, edge: str) -> None:
    head = "module top(input clk, input rst, output [3:0] q);"
    body = f"always @({edge}) if (rst) n <= 3; else n <= n + 1; assign q = n; endmodule"
    task = Task.of(f"{head} {kind} n; {body}", id="binary")
    found = judged(task, f"{head} reg [3:0] n; {body}", f"{head} reg [3:0] n; {body}".replace("n <= 3", "n <= 2"))
    assert [verdict.passed for verdict in found] == [True, False]


def test_what_two_state_types_begin_with_counts_where_nothing_resets_them() -> None:
    head = "module top(input clk, output [3:0] q);"
    body = "always @(posedge clk) n <= n + 1; assign q = n; endmodule"
    task = Task.of(f"{head} bit [3:0] n; {body}", id="binary")
    found = judged(task, f"{head} reg [3:0] n = 0; {body}", f"{head} reg [3:0] n; {body}")
    assert [verdict.passed for verdict in found] == [True, False]


def test_x_before_the_edge_at_which_a_reset_acts_is_no_difference() -> None:
    """What is 0 for both values of a flag, written so that x and its opposite meet."""
    head = "module top(input clk, input rst, input wr, input tick, output lost); reg f;"
    flag = "always @(posedge clk) if (rst) f <= 0; else f <= wr | f & ~tick; endmodule"
    task = Task.of(f"{head} assign lost = wr & f & ~tick; {flag}", id="flag")
    right, wrong = "wire i = wr & (~f | tick & f); assign lost = wr & ~i;", "assign lost = wr & f;"
    found = judged(task, *(f"{head} {body} {flag}" for body in (right, wrong)))
    assert [verdict.passed for verdict in found] == [True, False]


@pytest.mark.parametrize("edge", ["posedge clk", "posedge clk or posedge rst"])
def test_no_candidate_begins_where_its_reference_has_not_been_seen(edge: str) -> None:
    """One of sixteen values of the state shows at the output: whatever begins there is right."""
    head = "module top(input clk, input rst, input x, output reg z);"
    body = (
        f" reg [3:0] S; always @* if (S == 6) z = 1; else z = 0; always @({edge})"
        " if (rst) S <= 0; else if (x) S <= S == 3 ? 0 : S + 1; endmodule"
    )
    names = "state", "counter", "n", "a", "present", "q_reg", "st", "memory"
    task = Task.of(head + body.replace("S", "s"), id="sixth")
    assert all(verdict.passed for verdict in judged(task, *(head + body.replace("S", name) for name in names)))
