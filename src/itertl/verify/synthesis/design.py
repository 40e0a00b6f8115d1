"""One design through Yosys, behind the guard and within limits: what becomes of it, or why that is not known.

    synthesis(("task", code_id, code), "top", settings, shop)  ->  Synthesis

What slang cannot read is tried with Yosys' own reader. A design is refused only where a reader says that it cannot be
hardware, or where a wire has several drivers; whatever else goes wrong says nothing about the design.
"""

import dataclasses
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from itertl.errors import ToolError
from itertl.records import Synthesis, SynthesisStatus, Task
from itertl.tools.process import Limits, Stop
from itertl.tools.shop import Shop
from itertl.tools.yosys import Yosys, find_yosys, first_error, launch, source
from itertl.verify.judge import gated
from itertl.verify.judged import Judged
from itertl.verify.settings import VerifySettings
from itertl.verify.synthesis import netlist
from itertl.verilog.frontend import MAX_DETAIL
from itertl.verilog.guard import Accepted, Refusal

_STALL = 60.0  # seconds: Yosys uses no CPU time while ABC maps, and ABC has a limit of its own
_FILE, _MEMORY = 64 << 20, 2 << 30  # bytes


def synthesized(
    task: Task, designs: Sequence[tuple[str, str]], settings: VerifySettings, shop: Shop
) -> list[Judged[Synthesis]]:
    """Synthesize each of `designs` = (code_id, code), in their order; raise as `synthesis` does."""
    return [Judged(synthesis((task.id, *design), task.top, settings, shop)) for design in designs]


def synthesis(design: tuple[str, str, str], top: str, settings: VerifySettings, shop: Shop) -> Synthesis:
    """Synthesize `design` = (task_id, code_id, code) with the top module `top`.

    Yosys may take `formal_cpu` seconds of CPU time, and so may each program that it starts. Raise MissingToolError
    where it is not installed.
    """
    task_id, code_id, code = design
    started = time.perf_counter()
    gate = gated(code, top, None)
    if isinstance(gate, Refusal):
        found = _unknown(f"not shown to Yosys: {gate.detail}")
    else:
        found = _found(gate, top, settings, shop)
    detail, seconds = found.detail[:MAX_DETAIL], time.perf_counter() - started
    return dataclasses.replace(found, task_id=task_id, code_id=code_id, detail=detail, seconds=seconds)


def _unknown(detail: str, tools: str = "") -> Synthesis:
    return Synthesis("", "", SynthesisStatus.UNKNOWN, detail=detail, tools=tools)


def _found(gate: Accepted, top: str, settings: VerifySettings, shop: Shop) -> Synthesis:
    tool = find_yosys()
    limits = Limits(settings.formal_cpu, _MEMORY, _FILE, processes=None, stall=_STALL)
    first, final = _run(tool, gate, top, limits, shop)
    if final or not tool.slang:
        return first
    second, final = _run(dataclasses.replace(tool, slang=False), gate, top, limits, shop)
    return second if final or second.status is SynthesisStatus.REFUSED else first


def _run(tool: Yosys, gate: Accepted, top: str, limits: Limits, shop: Shop) -> tuple[Synthesis, bool]:
    """Run the script once; also return whether another reader would have nothing to add."""
    with tempfile.TemporaryDirectory(dir=shop.folder, prefix="synthesis-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "design.sv").write_text(source(tool, gate), encoding="ascii", errors="replace")
        finished, log = launch(tool, netlist.script(tool, top), folder, limits, shop.lifeline)
        check, figures, depth = (_text(folder / n) for n in (netlist.CHECK, netlist.NETLIST, netlist.DEPTH))
    tools = f"{netlist.version(figures) or tool.name}, {'slang' if tool.slang else 'its own reader'}"
    if signal := netlist.several_drivers(check):
        detail = f"several drivers of {signal}"
        return Synthesis("", "", SynthesisStatus.REFUSED, detail=detail, tools=tools), True
    if finished.stop is Stop.TIMEOUT:
        return _unknown(f"Yosys has used up {limits.cpu:g} s of CPU time", tools), True
    if not check:
        status, detail = netlist.status_of(log), first_error(log, finished.stop)
        return Synthesis("", "", status, detail=detail, tools=tools), netlist.is_final(log)
    if finished.stop is not Stop.EXIT or finished.status != 0:
        return _unknown(first_error(log, finished.stop), tools), True
    try:
        counted = netlist.read_netlist(figures)
        levels = netlist.read_depth(depth) if counted.cells else 0
    except ToolError as error:
        return _unknown(f"Yosys: {error}", tools), True
    detail = "gates feed themselves: the depth is that of the rest" if netlist.has_loop(check) else ""
    found = (counted.cells, counted.transistors, levels, counted.latches)
    return Synthesis("", "", SynthesisStatus.SYNTHESIZABLE, *found, detail=detail, tools=tools), True


def _text(path: Path) -> str:
    """Return what Yosys has written to `path`, "" where it did not get that far."""
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
