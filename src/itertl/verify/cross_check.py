"""A second opinion on what a design means: Yosys elaborates it, and the same simulator runs what it has written out.

    conflict(design, trace, rig, limits)  ->  Crossed(checked, detail)

Simulators and front-ends have misread signedness, structures, arrays and functions without a word. Where the design as
slang and Yosys read it shows other values under the same stimuli, on bits that are 0 or 1 in both, one of the tools is
wrong, and nobody knows which: that is a conflict of tools, never a pass and never a mismatch. No optimisation takes
part, so that what is undefined stays undefined.

Two kinds of design have no second reading: latches, since a simulator takes data before enable or after it where both
change at once, and memories, since hardware does something at addresses beyond their end and simulation nothing.
"""

import dataclasses
import re
import tempfile
from pathlib import Path

from itertl.tools.process import Limits, Stop
from itertl.tools.yosys import find_yosys, launch, reading, source
from itertl.verify.batch import Rig
from itertl.verify.compare import Expected, compare, defined_bits
from itertl.verify.differing import values
from itertl.verilog.guard import Accepted
from itertl.verilog.rewrite.rewritten import Plain, often_misread
from itertl.verilog.tokens import spell

_LIMITS = Limits(20.0, 2 << 30, 64 << 20, processes=None)  # Yosys has threads
_OWN_READER_MISREADS = frozenset({"function", "task"})  # what Yosys' own reader makes of them is no evidence
_LATCH = "always @*"  # what it writes for one, which races with its inputs in a simulator; all else is an assignment
_MEMORY = re.compile(r"^ *reg [^;=]*(?:\S \[\d+:\d+\]|\\\S+\[\d+\] );$", re.MULTILINE)  # or taken apart into words


@dataclasses.dataclass(frozen=True, slots=True)
class Crossed:
    """Whether there was a second reading that could be simulated, and the conflict in a sentence, "" where none is."""

    checked: bool
    detail: str = ""


def conflict(design: Accepted, trace: str, rig: Rig, limits: Limits = _LIMITS) -> Crossed:
    """Run the second reading of `design`, whose simulation in `rig` gave `trace`, and compare where both are defined.

    Raise MissingToolError where there is no Yosys.
    """
    second = second_reading(design, rig, limits)
    if second is None:
        return Crossed(False)
    run = rig.alone(second)
    if not run.complete:
        return Crossed(False)
    outputs = rig.interface.outputs
    both = "".join(a if b in "01" else "x" for a, b in zip(trace, run.traces[0], strict=True))
    if not defined_bits(both):
        return Crossed(False)
    result = compare(Expected.of(both, outputs), run.traces[0])
    if result.equal:
        return Crossed(True)
    moment = rig.plan.describe(result.sample)
    seen, read = values(result.expected, result.found)
    constructs = ", ".join(often_misread(design.code))
    said = f"{moment}: {result.signal} is {seen} in simulation and {read} as {find_yosys().name} reads the design"
    return Crossed(True, f"conflict of tools: {said}" + (f"; it has {constructs}" if constructs else ""))


def second_reading(design: Accepted, rig: Rig, limits: Limits = _LIMITS) -> Accepted | None:
    """Return what Yosys makes of `design`, one plain module, or None where it does not read it to the end."""
    tool, top = find_yosys(), rig.interface.top
    if not tool.slang and _OWN_READER_MISREADS & set(often_misread(design.code)):
        return None
    script = [*reading(tool, "design.sv", top), "proc -noopt", "flatten", "delete t:$scopeinfo"]
    script.append("write_verilog -noattr second.v")
    with tempfile.TemporaryDirectory(dir=rig.shop.folder, prefix="cross-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "design.sv").write_text(source(tool, design), encoding="ascii", errors="replace")
        finished, _ = launch(tool, "\n".join(script) + "\n", folder, limits, rig.shop.lifeline)
        written = folder / "second.v"
        if finished.stop is not Stop.EXIT or finished.status or not written.exists():
            return None
        text = written.read_text(encoding="utf-8", errors="replace")
    if _LATCH in text or _MEMORY.search(text):
        return None
    head = f"module {spell(top)}"
    at = text.find(head)
    if at < 0 or text.count("\nmodule ") != 1:
        return None
    place = (at + len("module "), len(spell(top)), top)
    return Accepted(text, Plain(text, (place,)))
