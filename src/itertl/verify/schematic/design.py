"""One design drawn, behind the guard and within limits: an SVG as netlistsvg writes it, or why there is none.

    schematic("task", "code id", code, "top", shop)  ->  Schematic(svg=...), or with the reason in its detail

What slang cannot read is tried with Yosys' own reader. Both programs run in the worker's sandbox: the design is hostile
text, and so is what comes of it, the SVG included.
"""

import dataclasses
import json
import tempfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from itertl.errors import ToolError
from itertl.records import Task
from itertl.tools.netlistsvg import ENVIRONMENT, find_netlistsvg
from itertl.tools.process import Limits, Stop, run
from itertl.tools.shop import Shop
from itertl.tools.yosys import Yosys, find_yosys, first_error, launch, source
from itertl.verify.judge import gated
from itertl.verify.judged import Judged
from itertl.verify.schematic.drawn import Schematic
from itertl.verify.schematic.netlist import NETLIST, readable, script
from itertl.verify.settings import VerifySettings
from itertl.verilog.frontend import MAX_DETAIL
from itertl.verilog.guard import Accepted, Refusal
from itertl.verilog.tokens import tokens

_LIMITS = Limits(cpu=10.0, memory=3 << 30, file=4 << 20, processes=None)  # of each program, for one drawing
LARGEST = 1 << 20  # bytes of an SVG
_DRAWING = "out.svg"


def drawn(
    task: Task, designs: Sequence[tuple[str, str]], settings: VerifySettings, shop: Shop
) -> list[Judged[Schematic]]:
    """Draw each of `designs` = (code_id, code), in their order; raise as `schematic` does."""
    return [Judged(schematic(task.id, *design, task.top, shop)) for design in designs]


def schematic(task_id: str, code_id: str, code: str, top: str, shop: Shop) -> Schematic:
    """Draw the module `top` of a design, or the one that no other instantiates where `top` is "".

    Raise MissingToolError where Yosys or netlistsvg is not installed.
    """
    command, tool = find_netlistsvg(), find_yosys()
    top = top or root_of(code)
    gate = gated(code, top, None)
    if isinstance(gate, Refusal):
        return Schematic(task_id, code_id, detail=f"not shown to Yosys: {gate.detail}"[:MAX_DETAIL])
    detail = ""
    for reader in (tool, dataclasses.replace(tool, slang=False))[: 2 if tool.slang else 1]:
        try:
            return Schematic(task_id, code_id, _drawn(reader, command, gate, top, shop))
        except ToolError as error:
            detail = detail or str(error)
    return Schematic(task_id, code_id, detail=detail[:MAX_DETAIL])


def root_of(code: str) -> str:
    """Return the last module in `code` that is named nowhere else, "" where there is no module."""
    named = [token.name for token in tokens(code)]
    modules = [name for word, name in pairwise(named) if word == "module"]
    roots = [name for name in modules if named.count(name) == 1]
    return ([*modules[-1:], *roots] or [""])[-1]


def _drawn(tool: Yosys, command: tuple[str, ...], gate: Accepted, top: str, shop: Shop) -> str:
    """Return the SVG; raise ToolError where a program fails, or the design is none for a page."""
    with tempfile.TemporaryDirectory(dir=shop.folder, prefix="schematic-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "design.sv").write_text(source(tool, gate), encoding="ascii", errors="replace")
        finished, log = launch(tool, script(tool, top), folder, _LIMITS, shop.lifeline)
        if finished.stop is not Stop.EXIT or finished.status != 0 or not (folder / NETLIST).is_file():
            raise ToolError(first_error(log, finished.stop))
        netlist = readable((folder / NETLIST).read_text(encoding="utf-8", errors="replace"))
        (folder / NETLIST).write_text(json.dumps(netlist), encoding="ascii")
        argv = [*command, NETLIST, "-o", _DRAWING]
        ended = run(argv, folder, _LIMITS, lifeline=shop.lifeline, environment=ENVIRONMENT)
        svg = folder / _DRAWING
        if ended.stop is not Stop.EXIT or ended.status != 0 or svg.is_symlink() or not svg.is_file():
            raise ToolError(f"netlistsvg ended ({ended.stop.value}, status {ended.status}) without a drawing")
        if svg.stat().st_size > LARGEST:
            raise ToolError(f"the drawing takes more than {LARGEST} bytes")
        return svg.read_text(encoding="utf-8", errors="replace")
