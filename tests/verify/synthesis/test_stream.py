"""`synthesize`: order, distinct designs, resuming, workers that die, and the sandbox around Yosys."""

import dataclasses
import importlib.util
import shutil

import psutil
import pytest

from itertl.errors import DataError, MissingToolError
from itertl.records import Submission, SynthesisStatus, Task
from itertl.tools.yosys import Yosys
from itertl.verify.settings import VerifySettings
from itertl.verify.synthesis import stream
from itertl.verify.synthesis.stream import synthesize

INSTALLED = bool(importlib.util.find_spec("pyosys") or shutil.which("yosys"))
pytestmark = pytest.mark.skipif(not INSTALLED, reason="Yosys is not installed")


def body(task: Task, text: str) -> Submission:
    return Submission.whole(task.id, f"{task.header}{text} endmodule")


def test_rows_come_in_order_each_design_once_and_what_is_done_not_again(
    dff: Task, mux: Task, settings: VerifySettings, no_child_left: None
) -> None:
    slow = body(dff, "reg [31:0] s; always @(posedge clk) begin s <= s * s + d; q <= s[31:28]; end")
    designs = [
        slow,
        Submission.whole(mux.id, mux.reference),
        body(dff, "always @(posedge clk) q <= d;"),
        Submission.whole(mux.id, "// layout\n" + mux.reference),
        body(dff, "always @(posedge clk) begin q <= d; $display; end"),
        Submission("mux", "empty", "", ""),
    ]
    rows = list(synthesize(designs, [dff, mux], settings))
    assert [(r.task_id, r.code_id) for r in rows] == [(d.task_id, d.code_id) for d in (*designs[:3], *designs[4:])]
    assert [r.status.value for r in rows] == ["synthesizable"] * 3 + ["unknown"] * 2
    assert rows[0].cells > rows[2].cells == 4
    again = list(synthesize(designs, {t.id: t for t in (dff, mux)}, settings, done=rows[:2]))
    assert [(r.code_id, r.cells) for r in again] == [(r.code_id, r.cells) for r in rows[2:]]


def test_a_queue_of_one_is_enough(dff: Task, settings: VerifySettings) -> None:
    narrow = dataclasses.replace(settings, in_flight=1, workers=1)
    rows = synthesize([body(dff, f"always @* q = d + {n};") for n in range(3)], [dff], narrow)
    assert [r.status for r in rows] == [SynthesisStatus.SYNTHESIZABLE] * 3


def test_nothing_asked_nothing_said(settings: VerifySettings) -> None:
    assert list(synthesize([], [], settings)) == []


def test_a_worker_that_dies_costs_no_row(dff: Task, settings: VerifySettings, no_child_left: None) -> None:
    rows = synthesize([body(dff, f"always @* q = d ^ {n};") for n in range(12)], [dff], settings)
    found = [next(rows)]
    for child in psutil.Process().children():
        child.kill()
    found += rows
    assert [r.status for r in found] == [SynthesisStatus.SYNTHESIZABLE] * 12


def test_code_that_ends_the_front_end_is_unknown_and_harms_no_other(dff: Task, settings: VerifySettings) -> None:
    bomb = "".join(f"localparam [16383:0] P{i} = 16384'd3 ** {{8192{{1'b1}}}}; " for i in range(9))
    designs = [body(dff, "always @* q = d;"), body(dff, bomb), body(dff, "always @* q = ~d;")]
    rows = list(synthesize(designs, [dff], dataclasses.replace(settings, workers=1, retries=1)))
    assert [r.status.value for r in rows] == ["synthesizable", "unknown", "synthesizable"]
    assert "front-end resources" in rows[1].detail


def test_tasks_and_tools_that_are_missing_are_named(
    dff: Task, settings: VerifySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DataError, match="'dff'"):
        list(synthesize([body(dff, "")], [], settings))

    def missing() -> Yosys:
        raise MissingToolError("Yosys is not installed")

    monkeypatch.setattr(stream, "find_yosys", missing)
    with pytest.raises(MissingToolError):
        synthesize([], [dff], settings)
