"""Renaming: what gets another name, what keeps its own, and that the design stays the same."""

import pytest

from itertl.errors import DataError
from itertl.verilog.interface import read_interface
from itertl.verilog.renaming import renamed
from itertl.verilog.tokens import tokens

EVERYTHING = """// w in a comment
module sub #(parameter W = 4) (input [W-1:0] d, output [W-1:0] q);
  localparam [3:0] MASK = 5; wire [W-1:0] w; assign w = d ^ MASK; assign q = w;
endmodule
module top(input clk, input [3:0] a, output reg [3:0] y, output [31:0] text);
  parameter N = 4; typedef enum logic [1:0] {A, B} kind; kind s;
  wire [3:0] w, \\a-b ; integer i; genvar g;
  struct packed { logic f; logic w2; } pair; logic w2;
  sub #(.W(N)) u(.d(a), .q(w));
  assign text = "w i A", pair.f = w[0], pair.w2 = w2, w2 = 1'b1;
  for (g = 0; g < 4; g = g + 1) begin : bit_of wire z; assign z = w[g]; assign \\a-b [g] = bit_of[g].z; end
  function [3:0] next(input [3:0] x); reg [3:0] r; begin r = x; next = r + pair.f; end endfunction
  always @(posedge clk) begin s <= B; for (i = 0; i < N; i = i + 1) y[i] <= next(\\a-b ) >> i; end
endmodule
"""


def words(code: str) -> list[str]:
    return [t.name for t in tokens(code)]


def test_names_inside_change_consistently_and_all_others_stay() -> None:
    new = renamed(EVERYTHING, "top", 1)
    before, after = words(EVERYTHING), words(new)
    changed: dict[str, set[str]] = {}
    for old, now in zip(before, after, strict=True):
        if old != now:
            changed.setdefault(old, set()).add(now)
    assert set(changed) == {"MASK", "w", "N", "A", "B", "s", "a-b", "i", "x", "r"}  # g stands in a hierarchical name
    assert {len(names) for name, names in changed.items() if name != "w"} == {1}
    assert len(changed["w"]) == 2  # one in each module
    assert '"w i A"' in new
    assert "// w in a comment" in new
    assert "sub #(.W(" in new
    assert read_interface(new, "top").ports == read_interface(EVERYTHING, "top").ports


def test_equal_seeds_give_equal_text_and_others_another() -> None:
    texts = [renamed(EVERYTHING, "top", seed) for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]


@pytest.mark.parametrize(
    "code",
    [
        "module top(input a, output y); assign y = a; endmodule",
        "module top(a, y); input a; output y; reg y; always @* y = a; endmodule",
        "module top #(parameter P = 1) (input a, output y); assign y = a & P; endmodule",
        "module s(input d, output q); assign q = d; endmodule\n"
        "module top(input a, output y); wire d, q; assign d = a, y = q; s u(.*); endmodule",
        "module s(input d, output q); assign q = d; endmodule\n"
        "module top(input a, output y); wire d, q; assign d = a, y = q; s u(.d, .q); endmodule",
    ],
)
def test_what_the_outside_sees_stays(code: str) -> None:
    assert renamed(code, "top", 1) == code


def test_a_parameter_that_an_instance_may_set_stays_and_a_local_one_does_not() -> None:
    code = (
        "module s(input d, output q); parameter P = 1; localparam L = 0; assign q = d & P | L; endmodule\n"
        "module top(input a, output y); parameter P = 1; s #(.P(P)) u(a, y); endmodule"
    )
    s, top = renamed(code, "top", 3).split("\n")
    assert "parameter P = 1" in s
    assert "localparam L" not in s
    assert "parameter P" not in top
    assert "#(.P(" in top


def test_new_names_are_new() -> None:
    code = "module top(input a, output y); wire w; assign w = a, y = w; endmodule"
    name = next(t for t in words(renamed(code, "top", 1)) if t not in words(code))
    again = renamed(code.replace("wire w", f"wire {name}, w"), "top", 1)
    assert name not in words(again)
    assert len(set(words(again)) - set(words(code))) == 2


def test_what_does_not_parse_is_an_error() -> None:
    with pytest.raises(DataError, match="parses"):
        renamed("module top(", "top", 1)
