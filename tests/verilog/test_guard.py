"""The guard: each attack and each accident has its own reason, and real designs pass."""

from pathlib import Path

import pytest

from itertl.errors import DataError
from itertl.outcome import Outcome, Reason
from itertl.verify.judge import gated
from itertl.verilog.guard import Accepted, Refusal, inspect
from itertl.verilog.interface import Port, read_interface

PORTS = (Port("clk", "input", 1), Port("d", "input", 1), Port("q", "output", 1))
GOOD = "module top(input clk, input d, output reg q); always @(posedge clk) q <= d; endmodule"


def wrap(item: str) -> str:
    """Return the register with `item` in its body."""
    return f"module top(input clk, input d, output reg q); always @(posedge clk) q <= d;\n{item}\nendmodule"


ATTACKS = {
    "ends the simulation": "initial $finish;",
    "ends the simulation ": "initial $fatal;",
    "files": 'integer f; initial f = $fopen("x");',
    "files ": 'reg [7:0] m[0:3]; initial $readmemh("/etc/passwd", m);',
    "dumps waves": "initial $dumpvars;",
    "plusargs": 'initial if ($test$plusargs("x")) q = 1;',
    "runs commands": 'initial $system("id");',
    "system task": "initial $my_vpi_task;",
    "absolute name": "assign x = $root.tb.ref.q;",
    "directive": '`include "/etc/passwd"',
    "directive ": '`begin_keywords "1364-2001"',
    "directive  ": "wire w = cl``k;",
    "force": "initial force q = 1;",
    "release": "initial release q;",
    "defparam": "defparam u.W = 3;",
    "bind": "bind top other u();",
    "fork": "initial fork q = 1; join",
    "forever": "initial forever q = ~q;",
    "final": "final q = 1;",
    "dpi": 'import "DPI-C" function int system(string s);',
    "program": "endmodule program p; endprogram module m2;",
    "config": "endmodule config c; design top; endconfig module m3;",
    "nesting": "wire x = " + "(" * 5000 + "d" + ")" * 5000 + ";",
    "nesting ": "wire x = " + "~" * 50_000 + "d;",
    "ends the simulation  ": "if (1) $fatal(1);",
    "system task ": "initial $fin``ish;",
    "absolute name ": "assign x = $unit::y;",
    "escaped name": "task \\$finish ; endtask initial \\$finish ;",
    "escaped name ": 'wire \\a"b ;',
}
ACCIDENTS = {
    "prints": 'always @(posedge clk) $display("q=%b", q);',
    "reads the time": "initial if ($time > 3) q = 1;",
    "random numbers": "initial q = $random;",
    "delay": "initial #5 q = 0;",
    "delay ": "wire #3 w = d;",
    "delay inside an assignment": "always @(posedge clk) q = #1 d;",
    "wait": "initial wait (d) q = 1;",
    "assertion": "assert property (@(posedge clk) d |-> q);",
    "specify": "specify (d => q) = 1; endspecify",
    "package": "endmodule package p; endpackage module m2;",
    "directive `define": "`define X 1",
    "too long ": "// " + "x" * 20_000,
    "too long": "// " + "x" * 100_001,
}


@pytest.mark.parametrize("found", ATTACKS)
def test_attacks_are_refused(found: str) -> None:
    refusal = inspect(wrap(ATTACKS[found]), "top", PORTS)
    assert isinstance(refusal, Refusal)
    assert (refusal.outcome, refusal.found, refusal.accident) == (Outcome.REJECTED, found.strip(), False)


@pytest.mark.parametrize("found", ACCIDENTS)
def test_accidents_are_refused_for_another_reason(found: str) -> None:
    refusal = inspect(wrap(ACCIDENTS[found]), "top", PORTS)
    assert isinstance(refusal, Refusal)
    assert (refusal.outcome, refusal.found, refusal.accident) == (Outcome.REJECTED, found.strip(), True)


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("", Outcome.EMPTY),
        ("// module top", Outcome.EMPTY),
        (GOOD.replace("<= d;", "<= ;"), Outcome.SYNTAX_ERROR),
        (wrap("assign w = tb.q;"), Outcome.ELABORATION_ERROR),
        (wrap("reference r(.q());"), Outcome.ELABORATION_ERROR),
        (wrap("reg q;"), Outcome.ELABORATION_ERROR),
        (
            wrap("function integer f(input integer n); f = f(n + 1); endfunction localparam P = f(0);"),
            Outcome.ELABORATION_ERROR,
        ),
        (wrap("top again(clk, d, );"), Outcome.ELABORATION_ERROR),
        (GOOD.replace("top", "dut"), Outcome.INTERFACE_MISMATCH),
        (GOOD.replace("input d", "input [1:0] d"), Outcome.INTERFACE_MISMATCH),
        (GOOD.replace("input d,", "input d, input e,"), Outcome.INTERFACE_MISMATCH),
        ("module top(input clk, output reg d, output q); endmodule", Outcome.INTERFACE_MISMATCH),
    ],
)
def test_other_outcomes(code: str, outcome: Outcome) -> None:
    refusal = inspect(code, "top", PORTS)
    assert isinstance(refusal, Refusal)
    assert refusal.outcome == outcome
    assert refusal.detail


def test_a_name_that_reaches_into_an_instance_is_refused() -> None:
    code = "module top(input clk, input d, output reg q); child c(clk); wire x = c.secret; endmodule\n"
    refusal = inspect(code + "module child(input k); reg secret; endmodule", "top", PORTS)
    assert isinstance(refusal, Refusal)
    assert refusal.found == "hierarchical name"
    upward = "module top(input clk, input d, output reg q); reg s; child c(clk); endmodule\n"
    refusal = inspect(upward + "module child(input k); wire x = top.s; endmodule", "top", PORTS)
    assert isinstance(refusal, Refusal)
    assert refusal.found == "hierarchical name"


@pytest.mark.parametrize(
    ("item", "found"),
    [
        ("assign w = good1.q;", "hierarchical name"),
        ("assign w = u0.u1[2].q;", "hierarchical name"),
        ("assign w = tb.f(d);", "hierarchical name"),
        ("assign w = golden(d);", "hierarchical name"),
        ("assign w = bench::value;", "hierarchical name"),
        ("struct packed { logic u0; } p; assign w = u0.q;", "hierarchical name"),
        ("child c(clk); assign w = c.secret;", "hierarchical name"),
        ("always @(posedge clk) tb.stats.errors = 0;", "hierarchical name"),
        ("initial finish_now;", "hierarchical name"),
        ("initial bench_task(1);", "hierarchical name"),
        ("initial disable stimuli;", "hierarchical name"),
        ("reference r(.q(w));", "unknown module"),
        ("tran (d, w);", "bidirectional"),
        ("tranif1 (d, w, clk);", "bidirectional"),
        ("alias d = w;", "bidirectional"),
    ],
)
@pytest.mark.parametrize(
    "dead", ["if (0) begin {} end", "if (1) begin end else begin {} end", "case (3) 4: begin {} end endcase"]
)
def test_what_is_refused_is_refused_in_branches_that_are_not_elaborated(item: str, found: str, dead: str) -> None:
    code = wrap(f"generate {dead.format(item)} endgenerate") + "\nmodule child(input k); reg secret; endmodule\n"
    refusal = inspect(code, "top", PORTS)
    assert isinstance(refusal, Refusal)
    assert refusal.outcome is Outcome.REJECTED
    assert refusal.found == found


@pytest.mark.parametrize(
    "item",
    [
        "function f(input x); f = ~x; endfunction assign w = f(d);",
        "struct packed { logic a; } p; assign p.a = d;",
        "reg s; task t; s = d; endtask always @(*) t;",
        "integer i; always @(*) begin : b for (i = 0; i < 2; i = i + 1) if (d) disable b; end",
        "begin : g wire x; assign x = d; end assign w = g.x;",
        "child c(clk);",
    ],
)
def test_names_of_the_design_itself_are_kept_in_any_branch(item: str) -> None:
    code = wrap(f"generate if (0) begin {item} end endgenerate") + "\nmodule child(input k); reg secret; endmodule\n"
    assert isinstance(inspect(code, "top", PORTS), Accepted)


@pytest.mark.parametrize(
    "item",
    [
        "initial q = 1'b0;",
        "genvar i; generate for (i = 0; i < 2; i = i + 1) begin : g reg x; end endgenerate wire z = g[0].x;",
        "typedef struct packed { logic a; logic b; } pair; pair p; assign p.a = d; assign p.b = p.a;",
        "typedef enum logic [1:0] {A, B} state; state s; always_ff @(posedge clk) s <= d ? B : A;",
        "function f(input x); f = ~x; endfunction wire w = f($signed(d) > 0);",
        "integer k; always @(*) for (k = 0; k < 4; k = k + 1) ;",
        "(* keep *) wire w = d; // — not ASCII",
        "and g(w, d, clk);",
        "wire \\a[0].b ; assign \\a[0].b = d;",
        "reg [31:0] m [0:65535]; wire w = m[d][0];",
    ],
)
def test_what_designs_use_is_accepted(item: str) -> None:
    assert isinstance(inspect(wrap(item), "top", PORTS), Accepted)


def test_renaming_touches_names_of_modules_only() -> None:
    code = (
        "module child(input clk); endmodule : child\n"
        "module top(input clk, input d, output reg q); // top of top\n"
        "wire top_child; child child(.clk(clk)); always @(posedge clk) q <= d; endmodule : top"
    )
    accepted = inspect(code, "top", PORTS)
    assert isinstance(accepted, Accepted)
    renamed = accepted.renamed("p_")
    assert renamed == (
        "module p_child(input clk); endmodule : p_child\n"
        "module p_top(input clk, input d, output reg q); // top of top\n"
        "wire top_child; p_child child(.clk(clk)); always @(posedge clk) q <= d; endmodule : p_top"
    )


def test_no_reference_of_verilog_eval_is_refused(data: Path) -> None:
    files = sorted((data / "verilog-eval-v2" / "dataset_spec-to-rtl").glob("*_ref.sv"))
    refused = {f.name: r for f in files if isinstance(r := inspect(f.read_text(), "RefModule", None), Refusal)}
    assert len(files) == 156
    assert not refused


def test_a_comment_ends_where_every_tool_ends_it() -> None:
    accepted = inspect(wrap("// \r /* \n initial $finish; // */"), "top", PORTS)
    assert isinstance(accepted, Accepted)
    assert "\r" not in accepted.code
    refusal = inspect(wrap("// comment \r initial $finish;"), "top", PORTS)
    assert isinstance(refusal, Refusal)


def test_a_design_that_doubles_at_each_level_is_refused_before_it_has_grown() -> None:
    levels = "".join(f"module l{i}(input k); l{i + 1} a(k); l{i + 1} b(k); endmodule\n" for i in range(30))
    code = GOOD.replace("endmodule", "l0 x(clk); endmodule\n") + levels + "module l30(input k); endmodule"
    refusal = inspect(code, "top", PORTS)
    assert isinstance(refusal, Refusal)
    assert (refusal.reason, refusal.found, refusal.accident) == (Reason.SIZE, "size", True)


def test_long_expressions_and_choices_are_written_again_and_longer_ones_have_a_reason() -> None:
    long = "==\n".join(["n"] * 980)
    choices = "\n".join(f"n == {i} ? {i % 7} :" for i in range(400))
    for value in (long, f"{choices} 0"):
        found = inspect(f"module t(input signed [9:0] n, output [2:0] o); assign o = {value}; endmodule", "t", None)
        assert isinstance(found, Accepted)
        assert found.plain.resolved
    too_many = "\n".join(f"n == {i} ? {i % 7} :" for i in range(2000))
    text = f"module t(input signed [9:0] n, output [2:0] o); assign o = {too_many} 0; endmodule"
    refused = gated(text, "t", None)
    assert isinstance(refused, Refusal)
    assert "inside one another" in refused.detail
    with pytest.raises(DataError, match="inside one another"):
        read_interface(text, "t")
    with pytest.raises(DataError, match="an expression of more than 10000 tokens"):
        read_interface(text.replace(too_many, "==\n".join(["n"] * 6000) + " ? 1 :"), "t")
