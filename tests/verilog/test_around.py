"""What stands around modules and changes what they mean is not dropped, but refused by name."""

import pytest

from itertl.outcome import Outcome
from itertl.verilog.entrusted import entrusted
from itertl.verilog.extract import extract_module
from itertl.verilog.guard import Accepted, Refusal, inspect
from itertl.verilog.header import top_first

DESIGN = "module top(input a, input b, output y); assign n = a; assign n = b; assign y = n; endmodule"
BOUND = "module one(output y); assign y = 1'b1; endmodule\nbind top one u(.y(y));\n"


@pytest.mark.parametrize(
    ("around", "named"),
    [
        ("`default_nettype wor\n", "`default_nettype"),
        ("`timescale 1ns/1ps\n`default_nettype tri1\n", "`default_nettype"),
        ("`unconnected_drive pull1\n", "`unconnected_drive"),
        ("`resetall\n`unconnected_drive pull0\n", "`unconnected_drive"),
        (BOUND, "bind"),
    ],
)
def test_what_changes_a_design_is_refused_in_candidates_and_references(around: str, named: str) -> None:
    code = extract_module(f"Here it is:\n```verilog\n{around}{DESIGN}\n```\n", "", "top")
    found = inspect(code, "top", None)
    assert isinstance(found, Refusal)
    assert found.outcome is Outcome.REJECTED
    assert named in found.detail
    reference, header, top = top_first(around + DESIGN)
    assert reference.startswith(header)
    assert isinstance(entrusted(extract_module(reference, header, top), top, None), Refusal)


@pytest.mark.parametrize(
    "text",
    [
        f"`default_nettype wor\n`default_nettype wire\n{DESIGN}",
        f"`default_nettype none\n`resetall\n{DESIGN}",
        f"`unconnected_drive pull1\n`nounconnected_drive\n{DESIGN}",
        f"{DESIGN}\n`default_nettype wor\n",
        f"Say `default_nettype wor for or.\n{DESIGN}",
        f"bind them well (really);\nbind top to a board;\n{DESIGN}",
    ],
)
def test_what_changes_nothing_is_dropped(text: str) -> None:
    assert extract_module(text, "", "top") == DESIGN


def test_lines_are_those_of_the_text() -> None:
    found = inspect(extract_module(f"{BOUND}{DESIGN}", "", "top"), "top", None)
    assert isinstance(found, Refusal)
    assert "bind top one" in found.detail


@pytest.mark.parametrize("name", ["$random", "$urandom", "$dist_uniform(s, 0, 1)"])
def test_a_reference_draws_no_random_numbers(name: str) -> None:
    text = f"module top(input c, output reg q); integer s; initial q = {name}; always @(posedge c) q <= ~q; endmodule"
    found = entrusted(text, "top", None)
    assert isinstance(found, Refusal)
    assert name.partition("(")[0] in found.detail


def test_arrays_of_bidirectional_switches_in_a_reference_are_read() -> None:
    for gate in ("tran x[3:0](a, y);", "tranif1 x[3:0](a, y, e);"):
        text = f"module top(input [3:0] a, input e, output [3:0] y); {gate} endmodule"
        assert isinstance(entrusted(text, "top", None), Accepted), gate
