"""Headers that completions go on from, tops of several modules, and records built from them."""

from itertl.outcome import Outcome
from itertl.records import Candidate, Task
from itertl.verify import VerifySettings, verify
from itertl.verilog.header import tops, under_header

REFERENCE = "module RefModule(input a, output y);\n  assign y = ~a;\nendmodule\n"
HEADER = "module top_module (\n  input logic a,\n  output reg y\n);\n"


def test_without_a_header_the_references_own_counts() -> None:
    assert under_header(REFERENCE) == (REFERENCE, "module RefModule(input a, output y);\n", "RefModule")


def test_the_reference_takes_the_name_of_the_given_header() -> None:
    reference, header, top = under_header(REFERENCE, HEADER)
    assert (header, top) == (HEADER, "top_module")
    assert reference == REFERENCE.replace("RefModule", "top_module")


def test_a_header_of_one_of_several_modules_chooses_it() -> None:
    both = REFERENCE + "module other(input a, output y); assign y = a; endmodule\n"
    assert tops(both) == ["RefModule", "other"]
    assert under_header(both)[2] == "other"
    assert under_header(both, "module RefModule(input a, output y);")[2] == "RefModule"
    assert under_header(both, "", "RefModule")[2] == "RefModule"
    assert tops("") == []


def test_a_bench_is_no_top_whatever_it_mentions() -> None:
    for bench in (
        "module tb; initial $finish; endmodule\n",
        "module tb();\n  reg a;\n  initial #5 a = 1;\nendmodule : tb\n",
    ):
        for text in (REFERENCE + bench, f"```verilog\n{REFERENCE}```\nTry it:\n```verilog\n{bench}```"):
            assert under_header(text) == (REFERENCE, "module RefModule(input a, output y);\n", "RefModule")


def test_labels_behind_modules_are_no_uses() -> None:
    inner = "module inner(input a, output y); assign y = ~a; endmodule\n"
    outer = "module outer(input a, output y); inner i(a, y); endmodule : outer\n"
    assert tops(outer + inner) == tops(inner + outer) == ["outer"]


def test_completions_go_on_from_the_given_header() -> None:
    task = Task.of(REFERENCE, header=HEADER)
    body = "  always @(*) y = ~a;\nendmodule\n"
    candidates = [Candidate.of(task, text) for text in (body, HEADER + body, body.replace("~", ""), "no idea")]
    assert [c.code for c in candidates[:2]] == [(HEADER + body).strip()] * 2
    found = {v.code_id: v.outcome for v in verify(candidates, [task], VerifySettings(workers=1))}
    assert [found[c.code_id] for c in candidates] == [
        Outcome.PASSED,
        Outcome.PASSED,
        Outcome.MISMATCH,
        Outcome.EMPTY,
    ]


def test_tasks_of_equal_content_have_equal_names() -> None:
    assert Task.of(REFERENCE).id == Task.of(REFERENCE).id != Task.of(REFERENCE, header=HEADER).id
    assert Task.of(REFERENCE, "in words", id="mine").id == "mine"
