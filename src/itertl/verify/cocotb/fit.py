"""Whether a bench in Python can judge: it is tried before any candidate is about.

    fit_of(task, settings, shop)  ->  Fit(tests, ports, cpu, by_reference), or a sentence why the bench cannot serve

It runs under the reference, which has to pass, or, without one, under designs whose outputs are constant, which must
not. So a fault of its own, and cocotb's absence, are found where no candidate can be blamed for them.
"""

import dataclasses
import functools
import re

from itertl.errors import DataError, ToolError
from itertl.outcome import Outcome
from itertl.records import Task
from itertl.tools.cocotb import find_cocotb
from itertl.tools.process import Limits
from itertl.tools.shop import Shop
from itertl.verify.cocotb.results import Status, Test, failures, first_line, number_of, passes, place_in, same_tests
from itertl.verify.cocotb.simulation import Design, as_simulated, files_of, simulate
from itertl.verify.cocotb.text import syntax_fault
from itertl.verify.judge import gated
from itertl.verify.official.rules import Ruling
from itertl.verify.official.runs import ALONE_CPU, REFERENCE_CPU, preprocessed
from itertl.verify.official.walls import can_be_wrapped, constant, ports_of
from itertl.verify.settings import VerifySettings
from itertl.verilog.extract import extract_module
from itertl.verilog.guard import Accepted, believe
from itertl.verilog.interface import Port, read_interface
from itertl.verilog.project import seated
from itertl.verilog.tokens import spell

_STUB_CPU = 3.0  # seconds beside the start that a constant design may take: whatever waits for a change never ends
_STARTS = 4.0  # times as long as measured that the start of Python may take when the machine is busy
_TRIAL = "import cocotb\n\n\n@cocotb.test()\nasync def starts(dut):\n    pass\n"
_NO_RESULTS = "it ends without results, as where a test leaves Python (sys.exit)"


@dataclasses.dataclass(frozen=True, slots=True)
class Fit:
    """A bench that can judge: its tests, as they end under the reference or a constant; what designs are held to.

    `ports` are the reference's, or the header's, None where they are free; `cpu` the seconds that a design may take.
    """

    tests: tuple[Test, ...]
    ports: tuple[Port, ...] | None
    cpu: float
    by_reference: bool


@functools.lru_cache(maxsize=256)
def fit_of(task: Task, settings: VerifySettings, shop: Shop) -> Fit | str:
    """Try the bench of `task` without any candidate; return a sentence instead where it cannot serve."""
    if not task.testbench.strip():
        return "the task lacks a testbench"
    if fault := syntax_fault(task.testbench):
        return fault
    start = _start(settings, shop)
    fit = _under_reference(task, start, settings, shop) if task.reference else _alone(task, start, settings, shop)
    if isinstance(fit, Fit) and all(test.status is Status.SKIPPED for test in fit.tests):
        return f"no test of the bench runs: {number_of(fit.tests)}, all skipped"
    return fit


@functools.lru_cache(maxsize=8)
def _start(settings: VerifySettings, shop: Shop) -> float:
    """Return the CPU seconds of a bench that does nothing; raise ToolError where cocotb does not run here."""
    trial, limits = Task("trial", "", "", "", "trial", testbench=_TRIAL), settings.limits(REFERENCE_CPU)
    ran = simulate(trial, Design("module trial;\nendmodule\n"), limits, settings, shop)
    if isinstance(ran, Ruling):
        raise ToolError(f"cocotb {find_cocotb().version} does not run here: {ran.detail}")
    if ran.tests is None or not same_tests(ran.tests, [Test("starts", Status.PASSED)]):
        raise ToolError(f"cocotb {find_cocotb().version} does not run here: {_fault_in(ran.said, ()) or 'no results'}")
    return ran.cpu


def _under_reference(task: Task, start: float, settings: VerifySettings, shop: Shop) -> Fit | str:
    """Run the reference, which is trusted as the bench is."""
    limits = settings.limits(REFERENCE_CPU)
    found = _reference(task, limits, shop)
    if isinstance(found, str):
        return found
    design, ports = found
    ran = simulate(task, design, limits, settings, shop)
    if isinstance(ran, Ruling):
        if ran.outcome is Outcome.TOOL_ERROR:
            raise ToolError(f"the reference of {task.id} does not run: {ran.detail}")
        return f"the reference does not run under the bench: {ran.detail}"
    if ran.tests is None:
        return _fault_in(ran.said, files_of(task)) or _NO_RESULTS
    if any(test.status is Status.FAILED for test in ran.tests):
        return f"the reference fails the bench: {failures(ran.tests)}"
    own = settings.cpu_factor * max(0.0, ran.cpu - start)
    cpu = max(_STARTS * start, 1.0) + max(settings.cpu_floor, own)
    return Fit(ran.tests, ports, cpu, True)


def _reference(task: Task, limits: Limits, shop: Shop) -> tuple[Design, tuple[Port, ...] | None] | str:
    """Return the reference as it is simulated, with its ports; a sentence where it cannot be."""
    code = extract_module(task.reference, task.header, task.top, task.project)
    try:
        if task.project is not None:
            code, _ = task.project.beside(seated(code, task.project, task.top))
        ports = read_interface(code, task.top).ports
    except DataError as error:
        return f"the reference is unusable: {error}"
    found = believe(code, task.top, None, task.project) if task.project else gated(code, task.top, None)
    if isinstance(found, Accepted):
        return as_simulated(task, found, ports), ports
    if task.project is not None:
        return f"the reference is refused: {found.detail}"
    text = preprocessed(task.reference, limits, shop)  # with what no candidate may hold: reports, delays
    return (Design(text), ports) if text else f"the reference is refused: {found.detail}"


def _alone(task: Task, start: float, settings: VerifySettings, shop: Shop) -> Fit | str:
    """Try the bench without a reference: under designs whose outputs are constant, else under one that ends at once."""
    ports = ports_of(task.header, task.top)
    limits = settings.limits(_STARTS * start + _STUB_CPU)
    stubs = [constant(ports, task.top, bit) for bit in (0, 1)] if can_be_wrapped(ports) else []
    found: list[tuple[Test, ...]] = []
    for bit, stub in enumerate(stubs):
        ran = simulate(task, Design(stub), limits, settings, shop)
        if not isinstance(ran, Ruling):
            if ran.tests is None:
                return _fault_in(ran.said, files_of(task)) or _NO_RESULTS
            if passes(ran.tests):
                return f"the bench passes a design whose outputs are always {bit}"
            found.append(ran.tests)
        elif ran.outcome is Outcome.TOOL_ERROR:
            raise ToolError(f"the bench of {task.id} does not run: {ran.detail}")
    if not found:
        stub = stubs[0] if stubs else f"module {spell(task.top)};\nendmodule\n"
        ends = stub.replace("endmodule", "  initial #1 $finish;\nendmodule")
        ran = simulate(task, Design(ends), limits, settings, shop)
        if isinstance(ran, Ruling):
            return f"the bench does not even end where the simulation does: {ran.detail}"
        if ran.tests is None:
            return _fault_in(ran.said, files_of(task)) or _NO_RESULTS
        found.append(ran.tests)
    for test in (test for tests in found for test in tests if test.broken):
        return f"its test {test.name}, {test.said}"
    same = [(t.name, t.error, t.place) for t in found[-1] if t.error == "TypeError"]
    for test in (t for t in found[0] if (t.name, t.error, t.place) in same and len(found) > 1):
        return f"its test {test.name}, {test.said}"
    return Fit(found[0], ports, _STARTS * start + ALONE_CPU, False)


def _fault_in(said: str, own: frozenset[str] | tuple[()]) -> str:
    """Return the error with which Python has ended before any test, "" where there is none in what it said."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    if not lines:
        return ""
    place, what = place_in(said, own), first_line(lines[-1])
    if "No tests were discovered" in what:
        return "it holds no test: expected functions under @cocotb.test()"
    missing = re.search(r"No module named '([\w.]+)'", what)
    more = f"; install {missing[1]} where itertl is, or name its folder in PYTHONPATH" if missing else ""
    return (f"{place}: {what}" if place else what) + more
