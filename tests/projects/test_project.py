"""Modules of a project: read with what they use, replaced by a candidate, and judged with the rest around it."""

from pathlib import Path

import pytest
from rich.console import Console

from itertl.commands.sources import Around
from itertl.commands.verify import Asked, verify_design
from itertl.errors import DataError, UsageError
from itertl.outcome import Outcome, Reason
from itertl.projects.filelists import gather
from itertl.projects.load import read_project
from itertl.records import Submission, Task, Verdict
from itertl.tasks.files import parse_task
from itertl.verify import VerifySettings, verify
from itertl.verilog.guard import Accepted, Refusal, inspect

pytestmark = pytest.mark.usefixtures("kept_workers")

FILES = {
    "rtl/defs.vh": "`ifndef DEFS\n`define DEFS\n`define STEP(x, n = 1) ((x) + (n))\n`endif\n",
    "rtl/types_pkg.sv": (
        "package types_pkg;\n  localparam int W = 4;\n  typedef enum logic [1:0] {IDLE, RUN, DONE} state_t;\n"
        "  function automatic logic [W-1:0] twice(input logic [W-1:0] a);\n"
        "    return a << 1;\n  endfunction\nendpackage\n"
    ),
    "rtl/acc.sv": (
        '`include "defs.vh"\n`default_nettype none\n'
        "module acc import types_pkg::*; #(parameter INIT = 0) (input wire clk, input wire rst, input wire [W-1:0] d,\n"
        "    output wire [W-1:0] q);\n"
        "  // the sum of all inputs\n"
        '  initial begin\n    if (INIT > 15) begin\n      $error("INIT is too large");\n      $finish;\n'
        "    end\n  end\n"
        "`ifdef DOUBLE\n  wire [W-1:0] in = twice(d);\n`else\n  wire [W-1:0] in = d;\n`endif\n"
        "  wire [W-1:0] next = `STEP(q, in);\n"
        "  register #(.W(W), .INIT(INIT)) keep (.clk(clk), .rst(rst), .d(next), .q(q));\nendmodule\n"
        "`default_nettype wire\n"
    ),
    "lib/register.v": (
        "module register #(parameter W = 1, parameter INIT = 0) (input clk, input rst, input [W-1:0] d,\n"
        "    output reg [W-1:0] q);\n  reg [7:0] table_ [0:3];\n"
        '  initial begin $readmemh("init.hex", table_); $display("register of %0d bits", W); end\n'
        "  always @(posedge clk) if (rst) q <= #1 INIT; else q <= #1 d ^ table_[0];\n"
        "  specify $setup(d, posedge clk, 1); endspecify\nendmodule\n"
    ),
    "lib/init.hex": "00 01 02 03\n",
}
SETTINGS = VerifySettings(workers=1, cache=False, explore=False, cycles=60)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "files.f").write_text(
        "// what tools are told\n+incdir+rtl +define+UNUSED=1 +libext+.v+.sv\n-y lib /* of registers */\n"
        "rtl/types_pkg.sv\n${ACC_FILE} # the module\n-sverilog\n"
    )
    return tmp_path


def acc(folder: Path, *defines: str, **options: str) -> Task:
    return read_project(gather([folder], defines=defines, top=options.pop("top", "acc"), **options))  # type: ignore[arg-type]


def judged(task: Task, *codes: str) -> list[Verdict]:
    return list(verify([Submission.of(task, code) for code in codes], [task], SETTINGS))


def looked_at(task: Task, code: str) -> Accepted | Refusal:
    return inspect(Submission.of(task, code).code, task.top, None, task.project)


def test_a_module_equals_itself_with_macros_packages_submodules_checks_and_files(folder: Path) -> None:
    task = acc(folder)
    assert task.reference.startswith("module acc")
    assert "`STEP" in task.reference
    assert task.header.endswith(");\n")
    assert task.project is not None
    assert task.project.data == (("init.hex", "00 01 02 03\n"),)
    wrong = task.reference.replace("`STEP(q, in)", "`STEP(q, in, 1)").replace("in, 1)", "1)")
    verdicts = judged(task, task.reference, wrong)
    assert [v.outcome for v in verdicts] == [Outcome.PASSED, Outcome.MISMATCH], verdicts


def test_defines_and_parameters_reach_reference_and_candidate(folder: Path) -> None:
    plain, other = acc(folder), read_project(gather([folder], defines=["DOUBLE"], parameters=["INIT=5"], top="acc"))
    doubled = plain.reference.replace("= d;", "= twice(d);")
    assert judged(plain, doubled)[0].outcome is Outcome.MISMATCH
    assert judged(other, doubled, plain.reference)[0].outcome is Outcome.PASSED
    reset = [v.outcome for v in judged(other, plain.reference.replace(".INIT(INIT)", ".INIT(0)"))]
    assert reset == [Outcome.MISMATCH]
    with pytest.raises(DataError, match="no parameter DEPTH"):
        read_project(gather([folder], parameters=["DEPTH=5"], top="acc"))


def test_a_filelist_says_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("ACC_FILE", "rtl/acc.sv")
    task = read_project(gather(filelists=[Path("files.f")]), design=FILES["rtl/acc.sv"])
    whole = acc(folder)
    assert (task.top, task.reference) == ("acc", whole.reference)
    assert task.project is not None
    assert whole.project is not None
    assert task.project.modules == whole.project.modules
    (folder / "bad.f").write_text("rtl/none.sv\n")
    with pytest.raises(UsageError, match=r"bad\.f: rtl/none\.sv does not exist"):
        gather(filelists=[Path("bad.f")])
    (folder / "loop.f").write_text("-f loop.f\n")
    with pytest.raises(UsageError, match="circle"):
        gather(filelists=[Path("loop.f")])
    monkeypatch.delenv("ACC_FILE")
    with pytest.raises(UsageError, match="the variable ACC_FILE"):
        gather(filelists=[Path("files.f")])


def test_the_command_takes_folders(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "mine.sv").write_text(FILES["rtl/acc.sv"])
    around = Around((folder / "rtl", folder / "lib"))
    assert verify_design(folder / "mine.sv", around, Asked(), Console(width=120)) == 0
    assert "passed" in capsys.readouterr().out


def test_what_the_project_lacks_is_said(folder: Path) -> None:
    with pytest.raises(UsageError, match=r"no module fifo; it holds .*acc"):
        acc(folder, top="fifo")
    (folder / "lib/register.v").unlink()
    with pytest.raises(DataError, match=r"acc does not elaborate.*register"):
        acc(folder)
    with pytest.raises(UsageError, match="--top"):
        read_project(gather([folder]), design="module other; endmodule")


def test_a_row_holds_files_by_name_and_is_read_again_as_it_is_written() -> None:
    row = {"id": "a", "instruction": "sum", "top": "acc", "project": {"files": FILES, "defines": {"DOUBLE": "1"}}}
    task = parse_task(row, "rows:1")
    assert (task.id, task.instruction, task.top) == ("a", "sum", "acc")
    assert task.project is not None
    assert "DOUBLE" in task.project.defined
    assert Task.from_dict(task.to_dict()) == task == parse_task(task.to_dict(), "rows:1")
    assert judged(task, task.reference)[0].passed


@pytest.mark.parametrize(
    ("project", "said"),
    [
        ({"files": {"../a.v": ""}}, "expected the name of a file of the project"),
        ({"files": {"a.v": 3}}, "texts by name"),
        ({"files": {"a.v": "module acc(output y); endmodule"}, "define": {}}, "project has no define"),
        ({"files": {"a.v": '`include "/etc/hostname"\nmodule acc(output y); endmodule'}}, "not the project's"),
    ],
)
def test_bad_rows_are_named(project: dict[str, object], said: str) -> None:
    with pytest.raises(DataError, match=f"rows:1: .*{said}"):
        parse_task({"instruction": "", "top": "acc", "project": project}, "rows:1")


ATTACKS = {
    "redefines a trusted module": ("endmodule", "endmodule\nmodule register(input clk, input rst, input [3:0] d,"
                                   " output [3:0] q); assign q = 0; endmodule", "redefinition"),
    "reads inside of a trusted instance": ("= d;", "= keep.q;", "hierarchical name"),
    "reads there in a dead branch": ("= d;", "= d; generate if (0) wire x = keep.q; endgenerate", "hierarchical name"),
    "forces it": ("= d;", "= d; initial force keep.q = 0;", "force"),
    "ends the run beside a check": ("$finish;", "$finish; table_[0] = 1;", "reports"),
    "prints outside of a check": ("= d;", '= d; always @(d) $display("x");', "prints"),
    "includes a file": ("= d;", '= d;\n`include "stimuli.hex"\n', "directive"),
    "says which line it is": ("= d;", '= d;\n`line 1 "bench.v" 0\n', "directive"),
    "reads the project's file itself": ("= d;", '= d; reg [7:0] m[0:3]; initial $readmemh("init.hex", m);', "files"),
    "reads the stimuli": ("= d;", '= d; reg [7:0] m[0:3]; initial $readmemh("stimuli.hex", m);', "files"),
    "a package of its own": ("import types_pkg::*;", "import other_pkg::*;", "unknown package"),
    "a foreign scope": ("= d;", "= d; generate if (0) wire x = other_pkg::x; endgenerate", "hierarchical name"),
    "an unknown macro": ("= d;", "= `NOTHING;", "unknown macro"),
    "pastes a task's name": ("= d;", "= d;\n`define END $fin``ish\ninitial `END ;", "ends the simulation"),
    "looks up": ("= d;", "= $root.b.x;", "absolute name"),
}  # fmt: skip


def test_trusted_code_lends_a_candidate_nothing(folder: Path) -> None:
    task = acc(folder)
    assert [name for name, (old, _, _) in ATTACKS.items() if old not in task.reference] == []
    verdicts = judged(task, *(task.reference.replace(old, new) for old, new, _ in ATTACKS.values()))
    for (name, (_, _, found)), verdict in zip(ATTACKS.items(), verdicts, strict=True):
        assert verdict.outcome is Outcome.REJECTED, (name, verdict)
        assert found in verdict.detail, name
        assert verdict.reason in (Reason.CONSTRUCT, Reason.SIZE), name


def test_macro_bombs_of_project_macros_are_refused(folder: Path) -> None:
    (folder / "rtl/defs.vh").write_text("`define STEP(x, n = 1) ((x) + (n))\n`define TWO(x) x + x\n")
    task = acc(folder)
    bomb = "`TWO(" * 24 + "d" + ")" * 24
    (verdict,) = judged(task, task.reference.replace("= d;", f"= {bomb};"))
    assert verdict.outcome is Outcome.REJECTED, verdict


def test_a_candidate_brings_helpers_and_the_projects_own_files_text(folder: Path) -> None:
    task = acc(folder)
    helped = task.reference.replace("register #(.W(W), .INIT(INIT)) keep", "mine #(W, INIT) keep") + (
        "module mine #(parameter W = 1, INIT = 0) (input clk, rst, input [W-1:0] d, output reg [W-1:0] q);\n"
        "  always @(posedge clk) if (rst) q <= INIT; else q <= d;\nendmodule\n"
    )
    copied = task.reference + FILES["lib/register.v"]
    assert [v.outcome for v in judged(task, helped, copied)] == [Outcome.PASSED] * 2, judged(task, helped, copied)


def test_a_syntax_error_is_the_candidates(folder: Path) -> None:
    task = acc(folder)
    found = looked_at(task, task.reference.replace("= d;", "= = d;"))
    assert isinstance(found, Refusal)
    assert found.outcome is Outcome.SYNTAX_ERROR


def test_a_vendors_cell_in_a_branch_that_is_not_built_is_no_fault(tmp_path: Path) -> None:
    text = (
        "module m #(parameter VENDOR = 0) (input a, output y);\n"
        "  generate if (VENDOR) BUFG b(.I(a), .O(y)); else assign y = a; endgenerate\nendmodule\n"
    )
    (tmp_path / "m.v").write_text(text)
    task = read_project(gather([tmp_path / "m.v"]), design=text)
    assert judged(task, text)[0].passed
    other = judged(task, text.replace("BUFG", "IBUF"))[0]
    assert (other.outcome, "IBUF is no module" in other.detail) == (Outcome.REJECTED, True)
    alive = judged(task, text.replace("if (VENDOR)", "if (1)"))[0]
    assert not alive.passed
