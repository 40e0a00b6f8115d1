"""Runs under a testbench in Python, which drives the design with cocotb inside of Icarus Verilog's simulator.

    by_cocotb(task, designs, settings, shop)   a verdict for each (code_id, code): its tests pass, or which fail

The bench is the user's, and trusted; the design is behind the guard, compiled alone, and may drive no input of its own
top. Only cocotb's results file counts, which Python writes to a place with a name drawn for the run. A bench is tried
before it judges: under the reference, or under designs whose outputs are constant. So a fault of its own, and cocotb's
absence, are found where no candidate is about.
"""

import dataclasses
import functools
import re
import secrets
from collections.abc import Sequence
from pathlib import Path

from itertl.errors import DataError, SandboxError, ToolError
from itertl.outcome import Outcome, Reason
from itertl.records import Task, Verdict
from itertl.tools.built import driven_inputs
from itertl.tools.cocotb import cocotb_version, find_cocotb
from itertl.tools.icarus import Shop, Understood, compile_in, read_otherwise
from itertl.tools.process import Limits, Stop, run
from itertl.tools.sandbox.levels import confined, for_python, level
from itertl.verify.cocotb.results import Status, Test, first_line, place_in, read_results, same_tests, skipped
from itertl.verify.cocotb.text import BENCH, is_below, named_in, syntax_fault
from itertl.verify.judge import gated
from itertl.verify.judged import Judged
from itertl.verify.official.rules import Ruling
from itertl.verify.official.runs import failed, judged_each, preprocessed, run_folder, text_of, unfit
from itertl.verify.official.walls import can_be_wrapped, constant, ports_of
from itertl.verify.settings import VerifySettings
from itertl.verilog.extract import extract_module
from itertl.verilog.guard import Accepted, Refusal, believe, spell, with_parameters
from itertl.verilog.interface import Port, read_interface
from itertl.verilog.project import seated
from itertl.verilog.tokens import tokens
from itertl.verilog.tree import Tree

_REFERENCE_CPU = 60.0  # seconds that a reference may take
_ALONE_CPU = 10.0  # seconds that a design may take under a bench without a reference
_STUB_CPU = 3.0  # seconds beside the start that a constant design may take: whatever waits for a change never ends
_STARTS = 4.0  # times as long as measured that the start of Python may take when the machine is busy
_TIMESCALE = "`timescale 1ns/1ps\n"  # what cocotb's benches expect; of designs it is not read
_TRIAL = "import cocotb\n\n\n@cocotb.test()\nasync def starts(dut):\n    pass\n"
_PATH = re.compile(r"\\.*[.\[]")  # an escaped name that Python, when it looks for another one, might be given
_LINE = re.compile(r"\bdesign\.v:(\d+):")  # of the design with the timescale before it
_NO_MEMORY = re.compile(r"MemoryError|bad_alloc|Cannot allocate memory")
UNFIT = "no verdict of the testbench: "  # how the detail begins where it cannot serve
_NO_RESULTS = "it ends without results, as where a test leaves Python (sys.exit)"
_SHOWN = 4  # failing tests that a message names


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


@dataclasses.dataclass(frozen=True, slots=True)
class Fit:
    """A bench that can judge: its tests, as they end under the reference or a constant; what designs are held to.

    `ports` are the reference's, or the header's, None where they are free; `cpu` the seconds that a design may take.
    """

    tests: tuple[Test, ...]
    ports: tuple[Port, ...] | None
    cpu: float
    by_reference: bool


def by_cocotb(
    task: Task, designs: Sequence[tuple[str, str]], settings: VerifySettings, shop: Shop
) -> list[Judged[Verdict]]:
    """Return the verdict on each of `designs` = (code_id, code), in their order.

    Raise MissingToolError without cocotb, ToolError where it does not run, SandboxError where a row's bench is not
    confined.
    """
    _refuse_unconfined(settings)
    fit = fit_of(task, settings, shop)
    tools = f"cocotb {cocotb_version()}"
    if isinstance(fit, str):
        refusal = unfit(f"{UNFIT}{fit}")
        return judged_each(task, designs, lambda code: refusal, tools)
    found = fit
    return judged_each(task, designs, lambda code: _ruling(task, found, code, settings, shop), tools)


def _refuse_unconfined(settings: VerifySettings) -> None:
    """Raise SandboxError where a bench that came with a task, a program of whoever wrote the row, would run free."""
    if not (settings.own_bench or settings.sandbox == "off" or confined()):
        raise SandboxError(
            "a task's bench in Python runs only in a sandbox that keeps it off files and network, and this machine "
            f"offers {level()} (itertl doctor says why); where you trust the file of tasks, set verify.sandbox to off"
        )


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
        return f"no test of the bench runs: {_number(fit.tests)}, all skipped"
    return fit


@functools.lru_cache(maxsize=8)
def _start(settings: VerifySettings, shop: Shop) -> float:
    """Return the CPU seconds of a bench that does nothing; raise ToolError where cocotb does not run here."""
    trial, limits = Task("trial", "", "", "", "trial", testbench=_TRIAL), _limits(_REFERENCE_CPU, settings)
    ran = simulate(trial, Design("module trial;\nendmodule\n"), limits, settings, shop)
    if isinstance(ran, Ruling):
        raise ToolError(f"cocotb {find_cocotb().version} does not run here: {ran.detail}")
    if ran.tests is None or not same_tests(ran.tests, [Test("starts", Status.PASSED)]):
        raise ToolError(f"cocotb {find_cocotb().version} does not run here: {_fault_in(ran.said, ()) or 'no results'}")
    return ran.cpu


def _under_reference(task: Task, start: float, settings: VerifySettings, shop: Shop) -> Fit | str:
    """Run the reference, which is trusted as the bench is."""
    limits = _limits(_REFERENCE_CPU, settings)
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
        return _fault_in(ran.said, _own(task)) or _NO_RESULTS
    if any(test.status is Status.FAILED for test in ran.tests):
        return f"the reference fails the bench: {_failures(ran.tests)}"
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
        return _as_simulated(task, found, ports), ports
    if task.project is not None:
        return f"the reference is refused: {found.detail}"
    text = preprocessed(task.reference, limits, shop)  # with what no candidate may hold: reports, delays
    return (Design(text), ports) if text else f"the reference is refused: {found.detail}"


def _alone(task: Task, start: float, settings: VerifySettings, shop: Shop) -> Fit | str:
    """Try the bench without a reference: under designs whose outputs are constant, else under one that ends at once."""
    ports = ports_of(task.header, task.top)
    limits = _limits(_STARTS * start + _STUB_CPU, settings)
    stubs = [constant(ports, task.top, bit) for bit in (0, 1)] if can_be_wrapped(ports) else []
    found: list[tuple[Test, ...]] = []
    for bit, stub in enumerate(stubs):
        ran = simulate(task, Design(stub), limits, settings, shop)
        if not isinstance(ran, Ruling):
            if ran.tests is None:
                return _fault_in(ran.said, _own(task)) or _NO_RESULTS
            if _passes(ran.tests):
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
            return _fault_in(ran.said, _own(task)) or _NO_RESULTS
        found.append(ran.tests)
    for test in (test for tests in found for test in tests if test.broken):
        return f"its test {test.name}, {test.said}"
    same = [(t.name, t.error, t.place) for t in found[-1] if t.error == "TypeError"]
    for test in (t for t in found[0] if (t.name, t.error, t.place) in same and len(found) > 1):
        return f"its test {test.name}, {test.said}"
    return Fit(found[0], ports, _STARTS * start + _ALONE_CPU, False)


def _ruling(task: Task, fit: Fit, code: str, settings: VerifySettings, shop: Shop) -> Ruling:
    """Judge one design."""
    gate = gated(code, task.top, fit.ports, task.project)
    if isinstance(gate, Refusal):
        return Ruling(gate.outcome, gate.detail, reason=gate.reason)
    ports = fit.ports or read_interface(gate.code, task.top).ports
    own = {port.name for port in ports}
    if odd := next((t.name for t in tokens(code) if _PATH.match(t.text) and t.name not in own), ""):
        detail = f"escaped name: {odd[:40]} reads like a path to something else"
        return Ruling(Outcome.REJECTED, detail, reason=Reason.CONSTRUCT)
    if fit.ports is None and not can_be_wrapped(ports):
        detail = "bidirectional: an inout port, which could drive the bench"
        return Ruling(Outcome.REJECTED, detail, reason=Reason.CONSTRUCT)
    design, limits = _as_simulated(task, gate, ports), _limits(fit.cpu, settings)
    for _ in range(settings.retries + 1):
        ran = simulate(task, design, limits, settings, shop)
        if not isinstance(ran, Ruling) or ran.outcome is not Outcome.TOOL_ERROR:
            break
    return ran if isinstance(ran, Ruling) else ruling_of(ran, fit)


def ruling_of(ran: Ran, fit: Fit) -> Ruling:
    """Return what the results of a run say, beside those that the bench has given without any candidate."""
    if ran.tests is None:
        if _NO_MEMORY.search(ran.said):
            return Ruling(Outcome.REJECTED, "memory: the limit was reached (run)", reason=Reason.MEMORY)
        return Ruling(Outcome.MISMATCH, f"the bench ends without results: {first_line(ran.said) or 'nothing is said'}")
    counted = [test for test in ran.tests if test.status is not Status.SKIPPED]
    wrong = [test for test in counted if test.status is Status.FAILED]
    numbers = len(counted), len(wrong)
    if not same_tests(ran.tests, fit.tests):
        return Ruling(Outcome.REJECTED, "forged output: results of other tests than the bench has", 0, 0, Reason.FORGED)
    if broken := [test for test in wrong if test.broken and not fit.by_reference]:
        detail = f"a fault of the testbench, not of the design: its test {broken[0].name}, {broken[0].said}"
        return Ruling(Outcome.TOOL_ERROR, detail, *numbers, Reason.UNFIT_REFERENCE)
    if wrong:
        return Ruling(Outcome.MISMATCH, _failures(ran.tests), *numbers)
    if not counted:
        return Ruling(Outcome.MISMATCH, f"no test ran: {_number(ran.tests)}, all skipped", *numbers)
    if fit.by_reference and (more := skipped(ran.tests) - skipped(fit.tests)):
        return Ruling(Outcome.MISMATCH, f"skipped, and not with the reference: {', '.join(more)}", *numbers)
    if ran.status != 0:
        return Ruling(Outcome.MISMATCH, f"its tests pass, yet the simulation ends with status {ran.status}", *numbers)
    return Ruling(Outcome.PASSED, "", *numbers)


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
            return failed("compile", compiled, _LINE.sub(lambda found: f"design.v:{int(found[1]) - 1}:", told))
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
        tests = read_results(results.read_bytes(), _own(task)) if results.is_file() else None
        if ran.stop is not Stop.EXIT or (ran.status != 0 and tests is None):
            return failed("run", ran, said)
    return Ran(tests, said, ran.cpu, ran.status)


def _as_simulated(task: Task, found: Accepted, ports: Sequence[Port]) -> Design:
    """Return a design as it is simulated: written again, with its own names if the bench looks at more than ports."""
    names = {token.name for token in tokens(found.code)} - {port.name for port in ports}
    if names & named_in(task.testbench):
        found = with_parameters(found, task.top)
    return Design(found.renamed(""), found.tree, found.data)


def _limits(cpu: float, settings: VerifySettings) -> Limits:
    return Limits(cpu, settings.memory_mb << 20, settings.output_mb << 20)


def _own(task: Task) -> frozenset[str]:
    """Return the names of the bench's files."""
    return frozenset({BENCH, *(Path(name).name for name, _ in task.files)})


def _passes(tests: Sequence[Test]) -> bool:
    return any(t.status is Status.PASSED for t in tests) and all(t.status is not Status.FAILED for t in tests)


def _failures(tests: Sequence[Test]) -> str:
    """Return how many tests fail, what the first of them says, and which others there are."""
    wrong = [test for test in tests if test.status is Status.FAILED]
    ran = sum(test.status is not Status.SKIPPED for test in tests)
    others = ", ".join(test.name for test in wrong[1:_SHOWN]) + (", ..." if len(wrong) > _SHOWN else "")
    how = "test fails" if ran == 1 else "tests fail"
    return f"{len(wrong)} of {ran} {how}: {wrong[0].name}, {wrong[0].said}" + (f"; also {others}" if others else "")


def _number(tests: Sequence[Test]) -> str:
    return "1 test" if len(tests) == 1 else f"{len(tests)} tests"


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
