"""Macros and conditions: replaced where the text defines them, left to the guard where it does not."""

import time

import pytest

from itertl.verilog.macros import MOST_ADDED, expanded
from itertl.verilog.tokens import normalise


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("`define W 8\nwire [`W-1:0] a;", "wire [8-1:0] a;"),
        ("`define A 1 // one\n`define B (`A + 1) /* two */\nassign y = `B;", "assign y = (1 + 1);"),
        ("`define MAX(a, b) ((a) > (b) ? (a) : (b))\nwire [`MAX(3, f(1, 2)):0] a;",
         "wire [((3) > (f(1, 2)) ? (3) : (f(1, 2))):0] a;"),
        ("`define D(a, b = 2) a + b\nx = `D(1); y = `D(1, 3);", "x = 1 + 2; y = 1 + 3;"),
        ("`define LONG a + \\\n  b\nassign y = `LONG;", "assign y = a + b;"),
        ("`define REG(n) reg n``_q;\n`REG(a) `REG(b)", "reg a_q; reg b_q;"),
        ("`ifdef SIM\nbad\n`else\ngood;\n`endif", "good;"),
        ("`define SIM\n`ifdef SIM\ngood;\n`else\nbad\n`endif", "good;"),
        ("`ifndef A_V\n`define A_V\ngood;\n`endif", "good;"),
        ("`define A\n`ifdef X\nbad\n`elsif A\ngood;\n`else\nbad\n`endif", "good;"),
        ("`define A\n`undef A\n`ifdef A\nbad\n`endif\ngood;", "good;"),
        ("`ifdef X\n`ifdef Y\nbad\n`else\nbad\n`endif\n`endif\ngood;", "good;"),
        ("`define W 4\nwire [`W:0] a;\n`define W 5\nwire [`W:0] b;", "wire [4:0] a; wire [5:0] b;"),
        ('`define STR(a) `"a`"\nx = `STR(one);', 'x = "one";'),
        ("`define MASK 8'h1F\nassign y = `MASK;", "assign y = 8'h1F;"),
    ],
)  # fmt: skip
def test_macros_mean_what_a_compiler_makes_of_them(text: str, means: str) -> None:
    found = expanded(text)
    assert normalise(found) == normalise(means)
    assert found.count("\n") == text.count("\n")


@pytest.mark.parametrize(
    "text",
    [
        "Use `define W 8` to set a width; `ifdef is not needed.",
        "`ifdef X\nnever closed",
        "`endif\n`define W 8\nwire a;",
        "`define F(a) a\nassign y = `F;",
        'assign y = `W;\n`include "w.vh"',
        "`ifdef __ICARUS__\nassign y = 0;\n`else\nassign y = a;\n`endif",
        "`ifdef A\n`elsif VERILATOR\nassign y = a;\n`endif",
        "// `define W 8\nassign y = `W;",
    ],
)
def test_what_cannot_be_read_is_left_for_the_guard(text: str) -> None:
    assert expanded(text) == text


def test_macros_that_grow_without_end_are_left() -> None:
    doubled = "".join(f"`define M{n + 1} `M{n} `M{n}\n" for n in range(28))
    begun = time.process_time()
    for text in (f"`define M0 x\n{doubled}`M28", "`define A `B\n`define B `A\n`A"):
        assert expanded(text) == text
    assert time.process_time() - begun < 5
    assert len(expanded(f"`define M0 x\n{doubled}`M10")) < MOST_ADDED
