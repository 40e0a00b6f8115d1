"""Mutants: what kinds there are, that each is a design of its own, and that they follow from the seed."""

from pathlib import Path

import pytest

from itertl.errors import DataError
from itertl.suites.verilog_eval_v2 import read_v2
from itertl.verilog.interface import read_interface
from itertl.verilog.mutants import Mutant, mutants
from itertl.verilog.mutations import KINDS
from itertl.verilog.rewrite.literals import neighbours
from itertl.verilog.tokens import normalise

COUNTER = """module counter (
  input clk,
  input rst_n,
  input en,
  input [3:0] step,
  output reg [3:0] q,
  output last
);
  localparam LIMIT = 4'd9;
  reg [3:0] next; // a comment with a § in it
  always @(posedge clk or negedge rst_n)
    if (!rst_n) q <= 4'd3;
    else if (en) q <= next;
  always @(*) begin
    case (step[1:0])
      2'b00: next = q + 1;
      2'b01: next = {q[2:0], q[3]};
      default: next = (q < LIMIT) ? q - step : ~q;
    endcase
  end
  assign last = &q && en;
endmodule
"""


def changes(kind: str, code: str = COUNTER, top: str = "counter") -> list[str]:
    return [m.change for m in mutants(code, top) if m.kind == kind]


def test_every_mutant_is_a_design_with_the_same_ports_and_no_two_are_equal() -> None:
    found = mutants(COUNTER, "counter")
    assert len(found) > 50
    ports = read_interface(COUNTER, "counter").ports
    for mutant in found:
        assert read_interface(mutant.code, "counter").ports == ports
    assert len({normalise(m.code) for m in found} | {normalise(COUNTER)}) == len(found) + 1


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("operator", "+ -> -"),
        ("comparison", "< -> <="),
        ("constant", "4'd9 -> 4'd10"),
        ("edge", "posedge -> negedge"),
        ("asynchronous reset", "@(posedge clk or negedge rst_n) -> @(posedge clk)"),
        ("reset value", "4'd3 -> 4'd4"),
        ("reset polarity", "!rst_n -> !(!rst_n)"),
        ("reset polarity", "negedge .. !rst_n -> posedge .. !(!rst_n)"),
        ("width", "3 -> 2"),
        ("index", "2 .. 0 -> 3 .. 1"),
        ("index", "3 -> 2"),
        ("branches", "q - step .. ~q -> ~q .. q - step"),
        ("branches", "next = q + 1; .. next = {q[2:0], q[3]}; -> next = {q[2:0], q[3]}; .. next = q + 1;"),
        ("concatenation", "q[2:0] .. q[3] -> q[3] .. q[2:0]"),
        ("assignment", "q <= next; -> ;"),
        ("blocking", "<= -> ="),
        ("condition", "en -> !(en)"),
        ("negation", "~ -> nothing"),
        ("signal", "next -> step"),
        ("else", "else if (en) q <= next; -> nothing"),
    ],
)
def test_a_mutant_of_each_kind(kind: str, change: str) -> None:
    assert change in changes(kind)


def test_a_missing_default_and_a_shorter_sensitivity_list() -> None:
    assert any("default: next" in c for c in changes("default"))
    code = "module top(input a, b, output reg y); always @(a or b) y = a & b; endmodule"
    assert "@(a or b) -> @(a)" in changes("sensitivity", code, "top")


def test_a_synchronous_reset_becomes_asynchronous() -> None:
    code = "module top(input clk, rst, d, output reg q); always @(posedge clk) if (rst) q <= 0; else q <= d; endmodule"
    assert "@(posedge clk) -> @(posedge clk or posedge rst)" in changes("asynchronous reset", code, "top")


def test_every_kind_has_its_line_and_its_name() -> None:
    for mutant in mutants(COUNTER, "counter"):
        assert mutant.kind in KINDS
        before, after = COUNTER.splitlines(), mutant.code.splitlines()
        if len(before) == len(after):
            first = next(i for i, pair in enumerate(zip(before, after, strict=True), 1) if pair[0] != pair[1])
            assert first in (mutant.line, 10), mutant  # line 10 holds a character that Verilog does not know


def test_equal_seeds_give_equal_mutants_and_every_kind_gets_its_turn() -> None:
    drawn = mutants(COUNTER, "counter", count=18, seed=3)
    assert drawn == mutants(COUNTER, "counter", count=18, seed=3)
    assert drawn != mutants(COUNTER, "counter", count=18, seed=4)
    assert len(drawn) == 18
    assert len({m.kind for m in drawn}) >= 16
    everything = mutants(COUNTER, "counter")
    assert set(drawn) <= set(everything)
    assert set(mutants(COUNTER, "counter", count=10_000)) == set(everything)


def test_modules_below_the_top_are_mutated_too_and_ports_never() -> None:
    code = """module top(input [1:0] a, output [1:0] y); inv #(.W(2)) u(.a(a), .y(y)); endmodule
module inv #(parameter W = 1) (input [W-1:0] a, output [W-1:0] y); assign y = ~a; endmodule
"""
    found = mutants(code, "top")
    assert any(m.line == 2 and m.change == "~ -> nothing" for m in found)
    assert all("input [W-1:0] a, output [W-1:0] y" in m.code for m in found)


def test_what_cannot_be_mutated_is_an_error_or_nothing() -> None:
    with pytest.raises(DataError, match="does not elaborate"):
        mutants("module top(output y); assign y = nowhere; endmodule", "top")
    with pytest.raises(DataError, match="cannot be mutated"):
        mutants("module top(output y; endmodule", "top")
    with pytest.raises(DataError, match="other"):
        mutants(COUNTER, "other")
    assert mutants("module top(input a); endmodule", "top") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5", ["6", "4", "0"]),
        ("0", ["1"]),
        ("4'b0110", ["4'b0111", "4'b0101", "4'b1110", "4'b0000"]),
        ("3'd7", ["3'd0", "3'd6", "3'd3"]),
        ("8'hF_F", ["8'h00", "8'hfe", "8'h7f"]),
        ("'0", ["'1"]),
        ("1'bx", ["1'b0"]),
        ("4'b1?0?", ["4'b0?0?", "4'b1?1?", "4'b100?"]),
        ("2'sb1 0", []),
        ("1.5", []),
    ],
)
def test_numbers_next_to_a_number(text: str, expected: list[str]) -> None:
    assert neighbours(text) == expected


def test_every_verilog_eval_reference_has_mutants(data: Path) -> None:
    for task in read_v2(data / "verilog-eval-v2" / "dataset_spec-to-rtl")[::6]:
        found: list[Mutant] = mutants(task.reference, task.top, count=8)
        assert len(found) >= 3, task.id
