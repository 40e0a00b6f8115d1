"""Declarations outside of modules: moved into each module that uses them, and nothing else changes."""

import pytest

from itertl.verilog.extract import extract, extract_module
from itertl.verilog.guard import Accepted, Refusal, inspect
from itertl.verilog.header import top_first, tops

PACKAGE = """package sizes;
  localparam int WIDTH = 4;
  typedef logic [WIDTH-1:0] word_t;
  typedef enum logic [1:0] {IDLE, RUN = 2, DONE} state_t;
  typedef struct packed { logic valid; word_t data; } beat_t;
  function automatic word_t swapped(input word_t x);
    return {x[1:0], x[3:2]};
  endfunction
endpackage
"""


def accepted(text: str, top: str = "m") -> str:
    """Return the design in `text`, which stands alone and passes the guard."""
    code = extract_module(text, "", top)
    gate = inspect(code, top, None)
    assert isinstance(gate, Accepted), gate
    return code


@pytest.mark.parametrize(
    "text",
    [
        "typedef logic [3:0] nibble;\nmodule m(input nibble a, output nibble y); nibble t; assign t = a; assign y = t;",
        "localparam N = 3; parameter M = N + 1;\nmodule m(input [M-1:0] a, output y); assign y = a == N;",
        "typedef enum {A, B} e_t;\nmodule m(input e_t a, output y); assign y = a == B;",
        "typedef enum logic [1:0] {A, B = 3} e_t;\nmodule m #(parameter F = B)(input a, output y); assign y = a == F;",
        "function automatic logic f(logic a); return ~a; endfunction\nmodule m(input a, output y); assign y = f(a);",
        "task t(input a, output b); b = a; endtask\nmodule m(input a, output reg y); always @(*) t(a, y);",
        "typedef struct packed {logic [1:0] p; logic q;} s_t;\nmodule m(input s_t a, output y); assign y = a.q;",
        "typedef logic signed [3:0] n_t;\nmodule m(input n_t [1:0] a, output n_t y); assign y = a[1];",
        "`define W 4\n`define TOP(x) x[`W-1]\nmodule m(input [`W-1:0] a, output y); assign y = `TOP(a);",
        '`timescale 1ns/1ps\n`ifdef SIM\n`include "sim.vh"\n`endif\nmodule m(input a, output y); assign y = a;',
        "const int C = 2;\nmodule m(input [3:0] a, output y); assign y = a[C];",
        f"{PACKAGE}module m import sizes::*; (input word_t a, output beat_t y); assign y = '{{1'b1, swapped(a)}};",
        f"{PACKAGE}module m(input sizes::word_t a, output y); import sizes::RUN; assign y = a == RUN;",
        f"{PACKAGE}import sizes::*;\nmodule m(input word_t a, output y); state_t s; assign s = state_t'(a[1:0]);"
        " assign y = s == DONE;",
        f"{PACKAGE}package more; import sizes::*; localparam int TWICE = 2 * WIDTH; endpackage\n"
        "module m(input [more::TWICE-1:0] a, output y); assign y = ^a;",
    ],
)
def test_a_module_gets_what_it_uses(text: str) -> None:
    code = accepted(text + "\nendmodule\n")
    assert code.startswith("module m")
    assert "`" not in code


def test_what_nobody_uses_is_left_out_and_what_both_use_comes_twice() -> None:
    inner = "module inner(input t_t a, output y); t_t b; assign b = a; assign y = b[0]; endmodule"
    outer = "module m(input t_t a, output y); t_t b; assign b = a; inner i(b, y); endmodule"
    code = accepted(f"typedef logic [1:0] t_t;\ntypedef logic unused_t;\n{inner}\n{outer}")
    assert code.count("typedef logic [1:0] t_t;") == 2
    assert "unused_t" not in code


def test_names_of_the_module_win_and_the_others_get_new_ones() -> None:
    text = (
        "localparam W = 8;\nlocalparam V = W - 1;\n"
        "module m #(parameter W = 2)(input [W-1:0] a, output [7:0] y); assign y = V + W; endmodule"
    )
    code = accepted(text)
    assert "localparam unit_W = 8;" in code
    assert "localparam V = unit_W - 1;" in code
    assert "assign y = V + W;" in code


def test_two_packages_may_declare_one_name() -> None:
    text = (
        "package a; localparam X = 1; endpackage\npackage b; localparam X = 2; endpackage\n"
        "module m(input i, output [3:0] y); import b::*; assign y = a::X + X; endmodule"
    )
    code = accepted(text)
    assert "localparam X = 1;" in code
    assert "localparam b_X = 2;" in code
    assert "assign y = X + b_X;" in code


def test_members_and_connections_of_the_same_name_are_none_of_it() -> None:
    text = (
        "localparam q = 1; typedef struct packed {logic p; logic q;} s_t;\n"
        "module sub(input q, output p); assign p = q; endmodule\n"
        "module m(input [1:0] a, output y); s_t s; assign s = a; sub u(.q(s.q), .p(y)); endmodule"
    )
    assert "localparam" not in accepted(text)


def test_of_two_drafts_each_sees_its_own() -> None:
    text = (
        "localparam K = 1;\nmodule m(input [3:0] a, output y); assign y = a == K; endmodule\n"
        "localparam K = 2;\nmodule m(input [3:0] a, output y); assign y = a == K; endmodule\n"
    )
    assert "K = 2" in accepted(text)
    assert "K = 1" not in accepted(text)


def test_prose_declares_nothing() -> None:
    text = (
        "The function is simple; the task of a package is clear. import of values; typedef helps.\n"
        "module m(input is, output y); assign y = is; endmodule"
    )
    assert accepted(text) == "module m(input is, output y); assign y = is; endmodule"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("interface bus; initial $finish; endinterface\nmodule m(output y); bus b(); assign y = 0;", "ends the simul"),
        ("wire shared;\nmodule m(input a, output y); assign y = shared;", "outside of a module"),
        ("primitive inv(output y, input a); table 0:1; 1:0; endtable endprimitive\n"
         "module m(input a, output y); inv i(y, a);", "primitive"),
        ("import gone::*;\nmodule m(input a, output y); import gone::*; assign y = a;", "PackageImport"),
        ("module m(input [`W-1:0] a, output y); assign y = a;", "unknown macro: `W is defined nowhere"),
    ],
)  # fmt: skip
def test_what_cannot_be_moved_is_named(text: str, reason: str) -> None:
    gate = inspect(extract_module(text + " endmodule", "", "m"), "m", None)
    assert isinstance(gate, Refusal)
    assert reason in f"{gate.found} {gate.detail}"


def test_lines_are_those_of_the_text() -> None:
    text = "Sure:\n```\nlocalparam K = 1;\n\nmodule m(\n  input a,\n  output y);\n  assign y = a ^ K;\nendmodule\n```\n"
    found = extract(text, "", "m")
    numbered = text.split("\n")
    lines = found.code.split("\n")
    assert len(found.lines) == len(lines)
    at = [(numbered[n - 1], line) for n, line in zip(found.lines, lines, strict=True) if n]
    assert [a for a, _ in at] == [b for _, b in at]
    assert len(at) == 5


def test_a_header_may_bring_its_package() -> None:
    header = f"{PACKAGE}module m(input sizes::word_t a, output sizes::word_t y);\n"
    for text in ("  assign y = sizes::swapped(a);\nendmodule", header + "assign y = sizes::swapped(a);\nendmodule"):
        code = extract_module(text, header, "m")
        assert isinstance(inspect(code, "m", None), Accepted)
        assert code.count("endfunction") == 1


def test_references_stand_alone_with_their_top_first() -> None:
    text = (
        f"// by me\n{PACKAGE}module m(input sizes::word_t a, output y);\n  assign y = a == sizes::WIDTH;\nendmodule\n"
    )
    reference, header, top = top_first(text)
    assert (header, top) == ("module m(input logic [(4)-1:0] a, output y);\n", "m")
    assert reference.startswith(header)
    assert isinstance(inspect(reference, "m", None), Accepted)
    assert top_first(reference) == (reference, header, top)


def test_a_bench_behind_the_design_is_not_its_top() -> None:
    design = "module add(input a, b, output y);\n  assign y = a ^ b;\nendmodule\n"
    for bench in ("module tb;", "module tb();"):
        text = f"{design}\n{bench}\n  reg a, b; wire y;\n  add dut(a, b, y);\n  initial $finish;\nendmodule\n"
        assert top_first(text) == (design, "module add(input a, b, output y);\n", "add")
        assert tops(text) == ["add"]
