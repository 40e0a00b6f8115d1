"""One design through Yosys: what is hardware, what is not, what nobody can say; hostile tools and designs included."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.tools.yosys_programs import COUNTER, needs_yosys

from itertl.errors import MissingToolError
from itertl.records import Synthesis, SynthesisStatus
from itertl.tools import process
from itertl.tools.shop import Shop
from itertl.tools.yosys import Yosys
from itertl.verify.settings import VerifySettings
from itertl.verify.synthesis import design
from itertl.verify.synthesis.design import synthesis


def made(code: str, shop: Shop, settings: VerifySettings = VerifySettings()) -> Synthesis:  # noqa: B008 - frozen
    return synthesis(("task", "id", code), "top", settings, shop)


def test_a_design_has_cells_transistors_and_depth(tool: Yosys, shop: Shop) -> None:
    row = made(COUNTER, shop)
    assert (row.task_id, row.code_id, row.status) == ("task", "id", SynthesisStatus.SYNTHESIZABLE)
    assert row.cells > 8
    assert row.transistors > 4 * 16  # four flip-flops, and what adds
    assert row.depth >= 3
    assert row.latches == 0
    assert row.tools.startswith("Yosys 0.")
    assert row.tools.endswith("slang" if tool.slang else "its own reader")
    assert not list(shop.folder.iterdir())


@pytest.mark.parametrize("body", ["assign y = a;", ""])
def test_wires_and_modules_without_a_body_have_no_cells(body: str, tool: Yosys, shop: Shop) -> None:
    row = made(f"module top(input a, output y); {body} endmodule", shop)
    assert (row.status, row.cells, row.transistors, row.depth) == (SynthesisStatus.SYNTHESIZABLE, 0, 0, 0)


def test_two_ways_to_write_one_register_cost_the_same(tool: Yosys, shop: Shop) -> None:
    head = "module top(input clk, r, e, d, output reg q); always @(posedge clk) "
    inside = made(f"{head} if (r) q <= 0; else if (e) q <= d; endmodule", shop)
    outside = made(f"{head} q <= !r & (e ? d : q); endmodule", shop)
    assert (inside.cells, inside.transistors, inside.depth) == (outside.cells, outside.transistors, outside.depth)
    assert inside.cells > 1


@pytest.mark.parametrize("block", ["always @*", "always_comb", "always_latch"])
def test_latches_are_counted(tool: Yosys, shop: Shop, block: str) -> None:
    row = made(f"module top(input e, input [2:0] d, output reg [2:0] q); {block} if (e) q = d; endmodule", shop)
    assert (row.status, row.latches, row.cells, row.transistors) == (SynthesisStatus.SYNTHESIZABLE, 3, 3, 24)


def test_submodules_are_flattened(tool: Yosys, shop: Shop) -> None:
    code = (
        "module inv(input a, output y); assign y = ~a; endmodule\n"
        "module top(input a, b, output y, z); inv i(a, y); inv j(b, z); endmodule"
    )
    assert made(code, shop).cells == 2


@pytest.mark.parametrize(
    "body",
    [
        "input a, b, d, output reg q); always @(posedge a or posedge b) q <= d;",
        "input clk, d, output reg q); always @(posedge clk or negedge clk) q <= d;",
        "input clk, d, output reg q); always @(posedge clk or d) q <= d;",
        "input clk, a, b, output reg q); always @(posedge clk) q <= a; always @(posedge clk) if (b) q <= b;",
        "input [1:0] a, b, output [1:0] q); assign q = a; assign q = b;",
        "input [2:0] e, output reg [7:0] q); always @* begin q = 0; repeat (e) q = q + 3; end",
    ],
)
def test_what_cannot_be_hardware_is_refused_with_a_reason(tool: Yosys, shop: Shop, body: str) -> None:
    row = made(f"module top({body} endmodule", shop)
    assert row.status is SynthesisStatus.REFUSED
    assert "ERROR" in row.detail or "several drivers of" in row.detail
    assert (row.cells, row.transistors, row.depth) == (0, 0, 0)


@needs_yosys
def test_waiting_inside_of_a_process_is_refused_by_slang_and_unknown_to_others(tool: Yosys, shop: Shop) -> None:
    row = made("module top(input c, d, output reg q); always begin @(posedge c); q <= d; end endmodule", shop)
    assert row.status is (SynthesisStatus.REFUSED if tool.slang else SynthesisStatus.UNKNOWN)


def test_several_drivers_that_let_go_are_fine(tool: Yosys, shop: Shop) -> None:
    code = "module top(input a, b, e, f, output q); assign q = e ? a : 1'bz; assign q = f ? b : 1'bz; endmodule"
    assert made(code, shop).status is SynthesisStatus.SYNTHESIZABLE


def test_gates_that_feed_themselves_are_told(tool: Yosys, shop: Shop) -> None:
    row = made("module top(input s, r, output q, n); nor(q, r, n); nor(n, s, q); endmodule", shop)
    assert row.status is SynthesisStatus.SYNTHESIZABLE
    assert "feed themselves" in row.detail


def test_what_slang_cannot_read_is_read_by_the_other(tool: Yosys, shop: Shop) -> None:
    row = made("module top(input [3:0] a, output q); assign q = a[7]; endmodule", shop)
    assert row.status is SynthesisStatus.SYNTHESIZABLE
    assert row.tools.endswith("its own reader")


def test_a_design_cannot_speak_for_yosys(tool: Yosys, shop: Shop) -> None:
    flaw = "reg r; always @(posedge a or posedge b) r <= 1;"
    lies = '// ERROR: syntax error\n/*\nLongest topological path in top (length=1):\n{"design": {}} */'
    for comment in (lies, "// error: bad_alloc\n", ""):
        row = made(f"module top(input a, b, output y); assign y = a; {flaw} {comment} endmodule", shop)
        assert row.status is SynthesisStatus.REFUSED


@pytest.mark.parametrize(
    "code",
    [
        COUNTER.replace("q <= 0", "$finish"),
        COUNTER.replace("q <= 0", "q <= #1 0"),
        "module top(input a, output y); assign y = ;",
        "module other(input a, output y); assign y = a; endmodule",
        '`include "/etc/passwd"\nmodule top(input a, output y); assign y = a; endmodule',
        "",
    ],
)
def test_what_the_guard_refuses_never_reaches_yosys(code: str, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(design, "launch", lambda *_: pytest.fail("Yosys was started"))
    row = made(code, shop)
    assert row.status is SynthesisStatus.UNKNOWN
    assert row.detail.startswith("not shown to Yosys: ")


def test_a_design_that_takes_too_long_is_unknown(tool: Yosys, shop: Shop) -> None:
    wide = "module top(input [127:0] a, b, output [127:0] q); assign q = a / b; endmodule"
    row = made(wide, shop, VerifySettings(formal_cpu=0.5))
    assert row.status is SynthesisStatus.UNKNOWN
    assert "CPU time" in row.detail


def test_too_little_memory_is_unknown(tool: Yosys, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(design, "_MEMORY", 24 << 20)
    row = made(COUNTER, shop)
    assert row.status is SynthesisStatus.UNKNOWN
    assert row.detail


Fake = Callable[[str], Shop]


@pytest.fixture
def fake(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Make a shell script take the place of Yosys."""

    def build(body: str) -> Shop:
        place = tmp_path / "fake-yosys"
        place.write_text(body + "\n")
        monkeypatch.setattr(design, "find_yosys", lambda: Yosys(("/bin/sh", str(place)), False, "fake"))
        return shop

    return build


@pytest.mark.parametrize(
    "body",
    [
        "kill -SEGV $$",
        "kill -KILL $$",
        "echo 'internal error' >&2; exit 3",
        "exit 0",
        "echo rubbish",
        "echo nothing > check.txt; exit 0",
        "echo nothing > check.txt; kill -SEGV $$",
        "echo nothing > check.txt; echo '{\"design\": 1}' > netlist.json; echo rubbish > depth.txt",
        "head -c 2000000 /dev/zero",
        "sleep 600",
    ],
)
def test_a_tool_that_fails_never_says_no(body: str, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(design, "_STALL", 0.4)
    monkeypatch.setattr(design, "_FILE", 1 << 20)
    row = made(COUNTER, fake(body))
    assert row.status is SynthesisStatus.UNKNOWN
    assert (row.cells, row.transistors, row.depth) == (0, 0, 0)
    assert row.detail


def test_patience_is_for_the_programs_that_yosys_starts(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "STALL", 0.05)
    row = made(COUNTER, fake("sleep 0.5; echo 'ERROR: done waiting'; exit 1"))
    assert row.detail == "ERROR: done waiting"


def test_without_yosys_it_is_named(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> Yosys:
        raise MissingToolError("Yosys is not installed")

    monkeypatch.setattr(design, "find_yosys", missing)
    with pytest.raises(MissingToolError):
        made(COUNTER, shop)
