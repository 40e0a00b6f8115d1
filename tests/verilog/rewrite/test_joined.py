"""Which concatenations hold a computed parameter without a type."""

import pytest
from pyslang.syntax import SyntaxTree

from itertl.verilog.rewrite.joined import joins_computed

GIVEN = "module s #(parameter P = 7) (input [3:0] a, output [63:0] y); assign y = {a, P}; endmodule module t; "


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("module t; localparam P = 1 + 2; assign y = {a, P}; endmodule", True),
        ("module t; localparam P = 1 + 2; assign y = {a, (P)}; endmodule", True),
        ("module t; localparam P = 1 + 2; assign y = {a, {2{P}}}; endmodule", True),
        ("module t; localparam P = 1 /* and */ + 2, Q = 1; assign y = {a, P + Q}; endmodule", True),
        ("module t; parameter signed P = 1 + 2; assign y = {a, P}; endmodule", True),
        (f"{GIVEN} s #(.P(W)) u(a, y); endmodule", True),
        (f"{GIVEN} s #((W) & (1)) u(a, y); endmodule", True),
        (f"{GIVEN} s #(.P(8)) u(a, y); s #(9) v(a, y); endmodule", False),
        ("module t; localparam P = -(3), Q = 4'd2; assign y = {a, P, Q}; endmodule", False),
        ("module t; localparam P = 1 + 2; assign y = {a[P - 1:0], {P - 1{a}}}; endmodule", False),
        ("module t; localparam [7:0] P = 1 + 2; localparam integer Q = 1 + 2; assign y = {a, P, Q}; endmodule", False),
    ],
)
def test_a_computed_one_is_told_from_a_number_and_from_a_count(text: str, held: bool) -> None:
    assert joins_computed(SyntaxTree.fromText(text), text) is held


@pytest.mark.parametrize("held", [True, False])
def test_a_sum_of_very_many_terms_is_looked_into(held: bool) -> None:
    text = f"module t; localparam P = 1 + 2; assign y = {{a, {'b + ' * 3000}{'P' if held else 'b'}}}; endmodule"
    assert joins_computed(SyntaxTree.fromText(text), text) is held
    text = f"module t; localparam P = {'1 + ' * 3000}2; assign y = {{a, P}}; endmodule"
    assert joins_computed(SyntaxTree.fromText(text), text)
