"""One simulation of one design under a bench in Python, inside of Icarus Verilog's simulator.

    simulate(task, design, limits, settings, shop)  ->  Ran(tests, said, cpu), or a Ruling where it came to no end

The design is compiled alone, and may drive no input of its own top. Only cocotb's results file counts, which Python
writes to a place with a name drawn for the run.
"""

import dataclasses
import re
import secrets
from collections.abc import Sequence
from pathlib import Path

from itertl.outcome import Outcome, Reason
from itertl.records import Task
from itertl.tools.built import driven_inputs
from itertl.tools.cocotb import find_cocotb
from itertl.tools.icarus import Understood, compile_in, read_otherwise
from itertl.tools.process import Limits, Stop, run
from itertl.tools.sandbox.levels import for_python
from itertl.tools.shop import Shop
from itertl.verify.cocotb.results import Test, read_results
from itertl.verify.cocotb.text import BENCH, is_below, named_in
from itertl.verify.official.rules import Ruling
from itertl.verify.official.runs import failed, run_folder, text_of
from itertl.verify.settings import VerifySettings
from itertl.verilog.guard import Accepted, with_parameters
from itertl.verilog.interface import Port
from itertl.verilog.tokens import tokens
from itertl.verilog.tree import Tree

_TIMESCALE = "`timescale 1ns/1ps\n"  # what cocotb's benches expect; of designs it is not read
_LINE = re.compile(r"\bdesign\.v:(\d+):")  # of the design with the timescale before it


@dataclasses.dataclass(frozen=True, slots=True)
class Design:
    """A design as it is simulated; `tree` is what the front-end has found in it, `data` what trusted modules read."""

    code: str
    tree: Tree | None = None
    data: tuple[tuple[str, str], ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Ran:
    """A simulation that came to its end: its tests, None where there are no results; what was said; CPU seconds.

    `status` is the simulator's; a $fatal of the design is told by it, too.
    """

    tests: tuple[Test, ...] | None
    said: str
    cpu: float
    status: int = 0


def simulate(task: Task, design: Design, limits: Limits, settings: VerifySettings, shop: Shop) -> Ran | Ruling:
    """Compile a design alone and run it under the bench."""
    found, secret = find_cocotb(), secrets.token_hex(16)
    own = [(BENCH, task.testbench), ("design.v", f"{_TIMESCALE}{design.code}\n")]
    with run_folder(shop, ()) as folder:
        for name, text in [*design.data, *task.files, *own]:
            place = folder / (name if is_below(name) else Path(name).name)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8", errors="replace")
        compiled, ready = compile_in(folder, [task.top], shop, limits)
        if not ready:
            told = text_of(folder, "stderr.txt") + text_of(folder, "stdout.txt")
            return failed("compile", compiled, _LINE.sub(lambda line: f"design.v:{int(line[1]) - 1}:", told))
        if otherwise := read_otherwise(folder, {task.top: Understood(0, "", design.tree)} if design.tree else {}):
            return Ruling(Outcome.REJECTED, otherwise[0].detail, reason=otherwise[0].reason)
        if driven := driven_inputs((folder / "design.vvp").read_text(encoding="latin-1"), task.top):
            return Ruling(Outcome.REJECTED, f"drives an input: {driven[0]}", reason=Reason.DRIVES_INPUT)
        results = folder / secret / "results.xml"
        variables = found.environment(task.top, results, settings.seed)
        ran = run(
            found.argv(shop.tools.vvp), folder, limits, lifeline=shop.lifeline, confine=for_python(),
            environment=variables,
        )  # fmt: skip
        said = text_of(folder, "stderr.txt")
        tests = read_results(results.read_bytes(), files_of(task)) if results.is_file() else None
        if ran.stop is not Stop.EXIT or (ran.status != 0 and tests is None):
            return failed("run", ran, said)
    return Ran(tests, said, ran.cpu, ran.status)


def as_simulated(task: Task, found: Accepted, ports: Sequence[Port]) -> Design:
    """Return a design as it is simulated: written again, with its own names if the bench looks at more than ports."""
    names = {token.name for token in tokens(found.code)} - {port.name for port in ports}
    if names & named_in(task.testbench):
        found = with_parameters(found, task.top)
    return Design(found.renamed(""), found.tree, found.data)


def files_of(task: Task) -> frozenset[str]:
    """Return the names of the bench's files."""
    return frozenset({BENCH, *(Path(name).name for name, _ in task.files)})
