"""Fixtures of everything that judges designs: small tasks, candidates, settings, ways to run Yosys, processes."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from tests.tools.yosys_programs import programs

from itertl.records import Candidate, Task
from itertl.tools.shop import Shop, open_shop
from itertl.tools.yosys import Yosys
from itertl.verify.formal import equivalence
from itertl.verify.schematic import design as drawing
from itertl.verify.settings import VerifySettings
from itertl.verify.synthesis import design
from itertl.verilog.tokens import code_id

DFF_HEADER = "module top (\n  input clk,\n  input rst,\n  input [3:0] d,\n  output reg [3:0] q\n);\n"
DFF_BODY = "  always @(posedge clk) if (rst) q <= 0; else q <= d;\nendmodule\n"
MUX_HEADER = "module top (\n  input [1:0] s,\n  input [3:0] a,\n  output y\n);\n"
MUX_BODY = "  assign y = a[s];\nendmodule\n"

MakeCandidate = Callable[..., Candidate]


@pytest.fixture
def dff() -> Task:
    """A four-bit register with a synchronous reset."""
    return Task("dff", "a register", DFF_HEADER, DFF_HEADER + DFF_BODY, "top")


@pytest.fixture
def mux() -> Task:
    """A four-to-one multiplexer."""
    return Task("mux", "a multiplexer", MUX_HEADER, MUX_HEADER + MUX_BODY, "top")


@pytest.fixture
def make() -> MakeCandidate:
    """Build a candidate from a task and a body (or, with `whole`, from the whole code)."""

    def build(task: Task, body: str, index: int = 0, whole: bool = False) -> Candidate:
        code = body if whole else task.header + body
        return Candidate(task.id, 1, index, 0, "", body, code, code_id(task.id, code))

    return build


@pytest.fixture
def settings() -> VerifySettings:
    """Short benches and limits on two workers."""
    return VerifySettings(workers=2, cycles=60, vectors=80, cpu_floor=0.3)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A folder for simulations in this process."""
    return open_shop(tmp_path)


@pytest.fixture
def no_child_left() -> Iterator[None]:
    """Check that the test leaves no process behind that it has started."""
    before = {p.pid for p in psutil.Process().children(recursive=True)}
    yield
    left = [p for p in psutil.Process().children(recursive=True) if p.pid not in before]
    assert not left, f"processes survive: {left}"


@pytest.fixture(params=list(programs()), ids=lambda y: "slang" if y.slang else "yosys")
def tool(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Yosys:
    """Each way of running Yosys that this machine has, for proofs and for synthesis."""
    chosen: Yosys = request.param
    for module in (equivalence, design, drawing):
        monkeypatch.setattr(module, "find_yosys", lambda: chosen)
    return chosen
