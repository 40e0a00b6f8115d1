"""Extraction from free text: every trap here was met in real completions or could fool a search for keywords."""

import pytest

from itertl.verilog.extract import extract_module

HEADER = "module top(input a, output y);"
TOP = "module top(input a, output y);\n  assign y = a;\nendmodule"
BODY = "\n  assign y = a;\nendmodule"


@pytest.mark.parametrize(
    "text",
    [
        TOP,
        f"Sure! Here's the module:\n```verilog\n{TOP}\n```\nIt doesn't use a clock.",
        f"The module top is simple (really).\n{TOP}",
        f"`timescale 1ns/1ps\n{TOP}\n`default_nettype none\n",
        f"{TOP}\nmodule tb; top t(); initial $finish; endmodule",
        f"module top(input a, output y);\n  assign y = ~a;\nendmodule\nBetter:\n{TOP}",
        f"module top(input a,\n{TOP}",
        f"{TOP}\nmodule top(input a, output y);\n  assign y = ~a;",
        f"module unused(input z); nonsense here endmodule\n{TOP}",
    ],
    ids=["plain", "fence", "prose", "directives", "bench", "last wins", "restarted", "cut repeat", "unused module"],
)
def test_the_module_is_found(text: str) -> None:
    assert extract_module(text, "", "top") == TOP


@pytest.mark.parametrize(
    "text",
    ["", "I cannot write this module.", "module top(input a, output y); assign y = a;", "endmodul", "```verilog\n```"],
)
def test_nothing_complete_is_empty(text: str) -> None:
    assert extract_module(text, HEADER, "top") == ""


def test_comments_and_strings_do_not_fool_it() -> None:
    code = 'module top(input a, output y); // endmodule\n /* module x; */ localparam s = "endmodule";\nendmodule'
    assert extract_module(code, "", "top") == code


def test_escaped_keyword_is_a_name() -> None:
    code = "module top(input a, output y); wire \\endmodule ; assign y = a; endmodule"
    assert extract_module(code, "", "top") == code


@pytest.mark.parametrize(
    "text", [BODY, f"Here is the rest:\n```verilog{BODY}\n```", f"{BODY}\nmodule top(input a); endmodule"]
)
def test_a_body_goes_on_from_the_header(text: str) -> None:
    assert extract_module(text, HEADER, "top") == HEADER + BODY


def test_a_cut_off_body_is_not_completed() -> None:
    assert extract_module("\n  assign y = a;\n", HEADER, "top") == ""


def test_modules_in_use_are_kept_in_order() -> None:
    inner = "module inner(input a, output y); assign y = ~a; endmodule"
    middle = "module middle(input a, output y); inner i(a, y); endmodule : middle"
    top = "module top(input a, output y); middle m(a, y); endmodule"
    assert extract_module(f"{inner} {middle}\n{top}", "", "top") == "\n\n".join([inner, middle, top])
    assert extract_module(f"{BODY.replace('assign y = a', 'inner i(a, y)')}\n{inner}", HEADER, "top").endswith(inner)


def test_another_name_is_kept_for_the_guard_to_report() -> None:
    assert extract_module(TOP.replace("top", "other"), "", "top") == TOP.replace("top", "other")


def test_long_text_is_read_in_bounded_time() -> None:
    assert extract_module("module " * 100_000, HEADER, "top") == ""
    assert extract_module("(" * 300_000, HEADER, "top") == ""


def test_foreign_letters_in_prose_do_not_hide_the_code() -> None:
    code = "module top(input a, output y); assign y = a; endmodule"
    prose = "这是一个简单的模块、它把输入直接连接到输出。请看下面的代码“top”"
    assert extract_module(f"{prose}\n```verilog\n{code}\n```", "", "top") == code
