"""The script by which Yosys compares two designs, one run of it, and what the run says. Nothing is decided here.

    tool = find_yosys() ; prove(tool, pair, Search(steps=40), folder, limits)  ->  Proof(found, steps, inputs, message)

Both designs become logic over one global clock (`clk2fflogic`), so that clock edges, asynchronous resets and latches
are compared too; a wrapper turns the task's clock over at each step, as the bench does, and the other inputs are free
and defined. All registers without an initial value start undefined. The property is a miter's: wherever the reference
has 0 or 1, so has the design. It is proved by temporal induction. With `matched`, registers of the same name are cut
and what they take is compared, undefined bits included: a stronger claim, which needs no induction where all match.
"""

import dataclasses
import re
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from itertl.tools.process import Limits, Stop
from itertl.tools.yosys import Yosys, first_error, launch, reading, source
from itertl.verilog.guard import Accepted
from itertl.verilog.interface import Interface, Port
from itertl.verilog.tokens import spell

_MATCHED_STEPS = 4  # of induction over the registers that have no match
_SAID = (
    ("Induction step proven: SUCCESS", "proved"),
    ("model found for base case: FAIL", "differs"),
    ("Interrupted SAT solver: TIMEOUT", "out of time"),
    ("Reached maximum number of time steps", "bounded"),
)
_WAVE = re.compile(r'"name": "i(\d+)", "wave": "([^"]*)"(?:, "data": \[([^\]]*)\])?')
_INIT = re.compile(r"attribute \\init (\S+)\n(?:\s*attribute .*\n)*\s*wire (?:.* )?(\S+)\n")
_OTHER = re.compile(r'"name": "(?!i\d+")')  # a register: there is a state before the first step
_HOLDS = re.compile(r"Base case for induction length (\d+) proven")


class Found(StrEnum):
    """How one run of the script ended."""

    PROVED = "proved"
    DIFFERS = "differs"
    BOUNDED = "bounded"
    OUT_OF_TIME = "out of time"
    FAILED = "failed"


@dataclasses.dataclass(frozen=True, slots=True)
class Pair:
    """What is compared: two designs with the top module and ports of `interface`, both of which passed the guard."""

    reference: Accepted
    candidate: Accepted
    interface: Interface


@dataclasses.dataclass(frozen=True, slots=True)
class Proof:
    """The end of one run: no difference in the first `steps` steps; `inputs` holds the values that show one.

    `inputs` has one tuple a step: the inputs without the clock, in their order. `message` is the tool's first error.
    """

    found: Found
    steps: int = 0
    inputs: tuple[tuple[int, ...], ...] = ()
    message: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Search:
    """What is claimed: equal outputs for at most `steps`, the first `skipped` left out; or `matched` registers."""

    steps: int = 0
    matched: bool = False
    skipped: int = 0


def script(tool: Yosys, interface: Interface, search: Search, seconds: int) -> str:
    """Return what Yosys does with reference.sv, candidate.sv and wrapper.v in the current folder."""
    lines = []
    for name in ("reference", "candidate"):
        lines += [*reading(tool, f"{name}.sv", interface.top), "proc", "flatten", "opt_clean"]
        lines += ["memory_map", "opt_clean", f"rename {interface.top} {name}", f"design -stash {name}"]
    lines += ["design -copy-from reference reference", "design -copy-from candidate candidate"]
    lines += _registers_matched(interface) if search.matched else _with_clock(interface, search)
    asked = f"tee -o said.txt {lines[-1]} -timeout {seconds} -show-inputs -dump_json inputs.json"
    return "\n".join([*lines[:-1], asked]) + "\n"


def _with_clock(interface: Interface, search: Search) -> list[str]:
    """Compare the outputs, from power-up on, under a clock that turns over at each step."""
    clock = " -set-def c" if interface.clocking.clocks else ""
    later = f" -seq {search.skipped}" if search.skipped else ""
    return [
        "clk2fflogic reference candidate",
        "miter -equiv -ignore_gold_x -flatten reference candidate miter",
        "delete reference candidate",
        "read_verilog wrapper.v",
        "hierarchy -top wrapper",
        "proc",
        "flatten",
        "opt_merge",
        "opt_clean",
        "cd wrapper",
        f"sat -enable_undef -set-init-undef -set-def-inputs{clock} -tempinduct{later} -maxsteps {search.steps} "
        "-prove trigger 0",
    ]


def _registers_matched(interface: Interface) -> list[str]:
    """Cut the registers of the same name, kind, clock and reset: what they hold is an input, what they take an output.

    If all these outputs agree for all inputs, so do the designs, once the registers begin with the same values.
    """
    defined = "".join(f" -set-def \\in_{p.name}" for p in interface.inputs)
    return [
        *(f"dump -o {name}.il {name}/a:init" for name in ("reference", "candidate")),
        "expose -evert-dff -shared reference candidate",
        "clk2fflogic reference candidate",
        "miter -equiv -flatten reference candidate miter",
        "delete reference candidate",
        "opt_merge",
        "opt_clean",
        "cd miter",
        f"sat -enable_undef -set-init-undef{defined} -tempinduct -maxsteps {_MATCHED_STEPS} -prove trigger 0",
    ]


def wrapper(interface: Interface) -> str:
    """Return the module around the miter: it turns the clock over, from 0, and names the other inputs i0, i1, ..."""
    inputs = driven(interface)
    head = "".join(f"input [{p.width - 1}:0] i{n}, " for n, p in enumerate(inputs))
    clocks = interface.clocking.clocks
    turn = "  reg c; initial c = 1'b0;\n  always @($global_clock) c <= ~c;\n" if clocks else ""
    pins = [f".{spell('in_' + p.name)}(i{n})" for n, p in enumerate(inputs)]
    pins += [f".{spell('in_' + name)}(c)" for name in clocks]
    body = ", ".join([*pins, ".trigger(trigger)"])
    return f"module wrapper({head}output trigger);\n{turn}  miter m({body});\nendmodule\n"


def driven(interface: Interface) -> tuple[Port, ...]:
    """Return the inputs that are free: all but the clock."""
    return tuple(p for p in interface.inputs if p.name not in interface.clocking.clocks)


def prove(tool: Yosys, pair: Pair, search: Search, folder: Path, limits: Limits, lifeline: int | None = None) -> Proof:
    """Run the script once in the empty `folder`."""
    for name, design in (("reference", pair.reference), ("candidate", pair.candidate)):
        (folder / f"{name}.sv").write_text(source(tool, design), encoding="ascii", errors="replace")
    (folder / "wrapper.v").write_text(wrapper(pair.interface), encoding="ascii")
    text = script(tool, pair.interface, search, max(1, int(limits.cpu)))
    finished, log = launch(tool, text, folder, limits, lifeline)
    said = _text(folder / "said.txt")
    held = max((int(n) for n in _HOLDS.findall(said)), default=0)
    if finished.stop is Stop.TIMEOUT:
        return Proof(Found.OUT_OF_TIME, held, message=f"{limits.cpu:g} s of CPU time are used up")
    for sign, meaning in _SAID:
        if sign in said:
            found = Found(meaning)
            if (
                found is Found.PROVED
                and search.matched
                and _initial(folder, "reference") != _initial(folder, "candidate")
            ):
                return Proof(Found.BOUNDED, message="registers begin with different values")
            inputs = _inputs(folder / "inputs.json", driven(pair.interface)) if found is Found.DIFFERS else ()
            return Proof(found, held, inputs)
    return Proof(Found.FAILED, held, message=first_error(log, finished.stop))


def _initial(folder: Path, name: str) -> dict[str, str]:
    """Return the initial values of a design's wires, as Yosys has dumped them."""
    return {wire: value for value, wire in _INIT.findall(_text(folder / f"{name}.il"))}


def _inputs(path: Path, ports: Sequence[Port]) -> tuple[tuple[int, ...], ...]:
    """Read the inputs of each step from the WaveJSON that Yosys writes (its names are not escaped, so no JSON)."""
    text = _text(path)
    columns: dict[int, list[int]] = {}
    before = 1 if _OTHER.search(text) else 0
    for number, wave, data in _WAVE.findall(text):
        values: list[int] = []
        rest = [v.strip(' "') for v in data.split(",")] if data else []
        for sign in wave:
            if sign == "." and values:
                values.append(values[-1])
            elif sign in "01":
                values.append(int(sign))
            else:  # the next of `data`, which is empty for what is undefined or not shown
                bits = rest.pop(0) if rest else ""
                values.append(int(bits, 2) if bits and set(bits) <= {"0", "1"} else 0)
        columns[int(number)] = values[before:]
    length = max((len(c) for c in columns.values()), default=0)
    filled = [columns.get(n, []) + [0] * (length - len(columns.get(n, []))) for n in range(len(ports))]
    return tuple(tuple(column[step] for column in filled) for step in range(length))


def _text(path: Path) -> str:
    """Return what Yosys has written to `path`, "" where it did not get that far."""
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
