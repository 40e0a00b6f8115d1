"""Messages about a design name the lines of its own text, whatever text a simulator has read."""

from itertl.outcome import Outcome
from itertl.records import Submission, Task
from itertl.verify import VerifySettings, verify
from itertl.verilog.guard import Accepted, Refusal, inspect
from itertl.verilog.project import Project
from itertl.verilog.ruling import own_line

SETTINGS = VerifySettings(workers=1, cycles=20, explore=False)
CLOCKED = "module t(input clk, input [7:0] a, output reg [7:0] y); always @(posedge clk) y <= a; endmodule"
REWRITTEN = """module t(input clk, input [7:0] a, output logic [7:0] y);
  typedef struct packed { logic [3:0] h, l; } pair;
  logic [7:0] kept;

  function void later(pair v);
    kept <= v;
  endfunction

  function pair f(pair v);
    later(v);
    return v;
  endfunction

  always_ff @(posedge clk) y <= f(a);
endmodule
"""
EDITED = """module t(input [7:0] a, output [7:0] y);
  struct packed {
    logic [3:0] h;
    logic [3:0] l; } s [0:0];
  assign s = '{
    a};
  wire w;
  wire w;
  assign y = s[0];
endmodule
"""


def test_a_refusal_by_the_simulator_names_the_line_of_the_design() -> None:
    task = Task.of(CLOCKED, top="t")
    (verdict,) = verify([Submission.of(task, REWRITTEN)], [task], SETTINGS)
    assert verdict.outcome is Outcome.UNSUPPORTED
    assert "in what begins in line 5: error: functions cannot have non blocking" in verdict.detail


def test_every_line_that_is_written_again_comes_from_somewhere() -> None:
    found = inspect(REWRITTEN, "t", None)
    assert isinstance(found, Accepted)
    assert found.plain.resolved
    assert len(found.plain.origins) == found.plain.text.count("\n")
    lines = [REWRITTEN.count("\n", 0, at) + 1 for at in found.plain.origins]
    assert lines == [1, 3, 5, 9, 14, 1]
    assert found.told("line 3: error: odd") == "in what begins in line 5: error: odd"
    assert found.told("line 99: error: odd") == "error: odd"
    assert found.told("out of memory") == "out of memory"


def test_edits_keep_lines() -> None:
    found = inspect(EDITED, "t", None)
    assert isinstance(found, Accepted)
    assert not found.plain.resolved
    assert [line.strip() for line in found.plain.text.splitlines()][6:8] == ["wire w;", "wire w;"]
    assert found.told("line 8: error: odd") == "line 8: error: odd"


def test_in_a_project_lines_are_the_designs_own() -> None:
    project = Project(packages="package p;\n\n  localparam K = 3;\n\nendpackage")
    code = "module t(input a, output y);\n  import p::*;\n  assign y = q;\nendmodule"
    refused = inspect(code, "t", None, project)
    assert isinstance(refused, Refusal)
    assert refused.detail == "line 3: use of undeclared identifier 'q'"
    twice = inspect(code.replace("assign y = q", "wire w; wire w; assign y = a & w"), "t", None, project)
    assert isinstance(twice, Accepted)
    assert twice.told("line 8: error: odd") == "line 3: error: odd"


def test_a_line_of_what_stands_beside_a_design_is_none_of_its_own() -> None:
    whole = "first\nsecond\nown\nlast\n"
    assert own_line("line 2: odd", whole, (13, 16)) == "in what the project has beside it: odd"
    assert own_line("line 3: odd", whole, (13, 16)) == "line 1: odd"
    assert own_line("line 4: odd", whole, (13, 16)) == "in what the project has beside it: odd"
    assert own_line("line 4: odd", whole, None) == "line 4: odd"
    assert own_line("odd", whole, (13, 16)) == "odd"
