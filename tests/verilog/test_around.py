"""What stands around modules and changes what they mean is not dropped, but refused by name."""

import pytest

from itertl.outcome import Outcome
from itertl.verilog.entrusted import entrusted
from itertl.verilog.extract import extract_module
from itertl.verilog.guard import Accepted, Refusal, inspect
from itertl.verilog.header import top_first
from itertl.verilog.project import Project

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


WIRED = DESIGN.replace("assign n = a", "wire n; assign n = a", 1)
NONE, WIRE = "`default_nettype none\n", "`default_nettype wire\n"
PART = "module part(input a, output y); assign m = a; assign y = m; endmodule\n"
USER = "module top(input a, output y); part u(a, y); endmodule\n"


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        (NONE + WIRED, ""),
        (NONE + DESIGN, "line 2: use of undeclared identifier 'n'"),
        (f"So:\n```verilog\n{NONE}// all declared\n{DESIGN}\n```\n", "line 2: use of undeclared identifier 'n'"),
        (NONE + USER + WIRE + PART, ""),
        (PART + NONE + USER, ""),
        (NONE + PART + WIRE + USER, "line 2: use of undeclared identifier 'm'"),
        (USER + NONE + PART, "line 3: use of undeclared identifier 'm'"),
        (NONE + "`resetall\n" + DESIGN, ""),
    ],
)
def test_nets_that_have_to_be_declared_are_and_no_simulator_reads_the_directive(text: str, missing: str) -> None:
    reference, header, top = top_first(text.removeprefix("So:\n```verilog\n").removesuffix("\n```\n"), "top")
    assert reference.startswith(header)
    candidate = inspect(extract_module(text, "", "top"), "top", None)
    for found in (candidate, entrusted(extract_module(reference, header, top), top, None)):
        if missing:
            assert isinstance(found, Refusal)
            assert (found.outcome, found.detail[8:]) == (Outcome.ELABORATION_ERROR, missing[8:])
        else:
            assert isinstance(found, Accepted)
            assert "`" not in found.renamed("m_") + found.code
    assert isinstance(candidate, Accepted) or candidate.detail == missing


def test_a_header_says_it_for_its_own_body_alone() -> None:
    body, header = DESIGN.partition(";")[2], NONE + DESIGN.partition(";")[0] + ";"
    assert isinstance(inspect(extract_module(body, header, "top"), "top", None), Refusal)
    assert isinstance(inspect(extract_module(f"wire n; {body}", header, "top"), "top", None), Accepted)
    assert extract_module(DESIGN, header, "top") == DESIGN


def test_in_a_project_and_inside_of_a_module_it_is_read_too() -> None:
    around = Project(modules=PART)
    for user, accepted in ((USER, True), (USER.replace("u(a, y)", "u(a, n); assign y = n"), False)):
        found = inspect(extract_module(NONE + user, "", "top", around), "top", None, around)
        assert isinstance(found, Accepted) == accepted, found
    assert isinstance(inspect(DESIGN.replace("; ", f";\n{NONE}", 1), "top", None), Refusal)
