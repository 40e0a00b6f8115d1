"""The script by which Yosys turns a design into gates, and what it says of them. Pure functions; nothing runs here.

    script(tool, top)  ->  commands that read design.sv and write check.txt, netlist.json, depth.txt
    read_netlist(text) ->  Netlist(cells, transistors, latches)        read_depth(text)  ->  levels of gates

Everything is flattened. Flip-flops end up as the plain ones, with an asynchronous set or reset at most: enables and
synchronous resets become gates in front of them, or two ways to write one register would differ in what is counted.
Transistors are Yosys' own estimate for static CMOS (`stat -tech cmos`), with ours for the storage that it leaves out:
a flip-flop of its 16 is two latches of 8, and a set or a reset makes gates of two transistors ones of four.
"""

import dataclasses
import json
import re

from itertl.errors import ToolError
from itertl.records import SynthesisStatus
from itertl.tools.yosys import Yosys, reading

_NO_CELL = "$scopeinfo"  # where a flattened instance was: newer versions of Yosys leave it among the cells
CHECK, NETLIST, DEPTH = "check.txt", "netlist.json", "depth.txt"
_STORAGE = ("$_DFF_?_", "$_DFF_???_", "$_DFFSR_???_", "$_DLATCH_?_", "$_DLATCH_???_", "$_DLATCHSR_???_", "$_SR_??_")
_TRANSISTORS = (  # of cells that Yosys has no estimate for
    (re.compile(r"\$_DFF_[NP]{2}[01]_"), 20),
    (re.compile(r"\$_DFFSR_[NP]{3}_"), 24),
    (re.compile(r"\$_DLATCH_[NP]_"), 8),
    (re.compile(r"\$_DLATCH_[NP]{2}[01]_"), 10),
    (re.compile(r"\$_DLATCHSR_[NP]{3}_"), 12),
    (re.compile(r"\$_SR_[NP]{2}_"), 8),
    (re.compile(r"\$_TBUF_"), 6),
)
_GATE = re.compile(
    r"\$_(NOT|AND|NAND|OR|NOR|XOR|XNOR|ANDNOT|ORNOT|MUX|NMUX|AOI3|OAI3|AOI4|OAI4|DFF_[NP])_"  # Yosys has one for these
)
_LATCH = re.compile(r"\$_(DLATCH|DLATCHSR|SR)_")
_NOTHING = re.compile(r'"modules": \{\s*\}')  # a module without a body, of which Yosys tells nothing more
_CREATOR = re.compile(r'"creator": "(Yosys \d[\w.+-]*)')
_DEPTH = re.compile(r"^Longest topological path in .* \(length=(\d+)\):?$", re.MULTILINE)
_DRIVERS = re.compile(r"multiple conflicting drivers for (.+?):?$", re.MULTILINE)
_LOOP = re.compile(r"^Warning: found logic loop in module ", re.MULTILINE)
# What the readers say of code that no hardware can do. All else that they refuse may be what they have not learnt yet.
_CANNOT_BE = re.compile(
    r"^(?:\S+:\d+: )?ERROR: ?(?:unsynthesizable"  # slang's
    r"|mixing of implicit and edge sensitivity"
    r"|timing control does not model a flip-flop"
    r"|simple if-else pattern expected in modeling an asynchronous load"
    r"|stop condition is missing; loop cannot be unrolled"
    r"|Multiple edge sensitive events found for this signal"  # Yosys' own
    r"|Found non-synthesizable event list"
    r"|2nd expression of procedural for-loop is not constant"
    r"|Repeat loops outside must have constant repeat counts)",
    re.MULTILINE,
)
_NEVER = re.compile(r"^(?:\S+:\d+: )?ERROR: unsynthesizable", re.MULTILINE)


@dataclasses.dataclass(frozen=True, slots=True)
class Netlist:
    """What a design consists of: cells, transistors (an estimate), and latches among the cells."""

    cells: int
    transistors: int
    latches: int


def script(tool: Yosys, top: str) -> str:
    """Return what Yosys does with design.sv in the current folder."""
    plain_storage = " ".join(f"-cell {kind} 01" for kind in _STORAGE)
    commands = [
        *reading(tool, "design.sv", top),
        "proc",
        "tribuf -merge",  # several drivers of one wire are fine where all let go of it
        f"tee -o {CHECK} check",
        f"synth -flatten -noabc -top {top}",
        f"delete t:{_NO_CELL}",
        f"dfflegalize {plain_storage}",
        "opt_clean",
        "abc",
        "opt_clean",
        f"tee -o {NETLIST} stat -json -tech cmos",
        f"tee -o {DEPTH} ltp -noff",
    ]
    return "\n".join(commands) + "\n"


def read_netlist(text: str) -> Netlist:
    """Read what `stat -json` has written; raise ToolError where that is something else."""
    if _NOTHING.search(text):
        return Netlist(0, 0, 0)
    try:
        design = json.loads(text[text.index("{") :])["design"]
        kinds = {str(kind): int(count) for kind, count in design["num_cells_by_type"].items()}
        estimated = int(str(design["estimated_num_transistors"]).rstrip("+"))
        cells = int(design["num_cells"]) - kinds.pop(_NO_CELL, 0)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ToolError(f"expected the figures of `stat -json`, found {text[:40]!r} ({error})") from error
    ours = sum(count * _price(kind) for kind, count in kinds.items() if not _GATE.fullmatch(kind))
    return Netlist(cells, estimated + ours, sum(count for kind, count in kinds.items() if _LATCH.match(kind)))


def version(text: str) -> str:
    """Return the name and version of the program that `stat -json` has run in, "" where it does not say so."""
    found = _CREATOR.search(text)
    return found[1] if found else ""


def _price(kind: str) -> int:
    for pattern, transistors in _TRANSISTORS:
        if pattern.fullmatch(kind):
            return transistors
    raise ToolError(f"expected gates, flip-flops and latches, found cells of the kind {kind[:40]}")


def read_depth(text: str) -> int:
    """Return the number of cells on the longest path without a register in it; raise ToolError where none is told."""
    if (found := _DEPTH.search(text)) is None:
        raise ToolError(f"expected the longest path of `ltp`, found {text[:40]!r}")
    return int(found[1])


def several_drivers(check: str) -> str:
    """Return the name of a signal that `check` has found driven by more than one source, or ""."""
    found = _DRIVERS.search(check)
    return found[1].partition(".")[2].lstrip("\\") if found else ""


def has_loop(check: str) -> bool:
    """True if `check` has found gates that feed themselves without a register in between."""
    return _LOOP.search(check) is not None


def is_final(log: str) -> bool:
    """True if slang calls a construct unsynthesizable: another reader that is less strict does not make it hardware."""
    return _NEVER.search(log) is not None


def status_of(log: str) -> SynthesisStatus:
    """Return what Yosys' errors say of a design that it has not read: refused where it cannot be hardware."""
    return SynthesisStatus.REFUSED if _CANNOT_BE.search(log) else SynthesisStatus.UNKNOWN
