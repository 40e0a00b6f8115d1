"""Verdicts on designs under a testbench in Python, which drives the design with cocotb.

    by_cocotb(task, designs, settings, shop)   a verdict for each (code_id, code): its tests pass, or which fail

The bench is the user's, and trusted, and has been tried (fit.py); the design is behind the guard, compiled alone
(simulation.py).
"""

import re
from collections.abc import Sequence

from itertl.errors import SandboxError
from itertl.outcome import Outcome, Reason
from itertl.records import Task, Verdict
from itertl.tools.cocotb import cocotb_version
from itertl.tools.sandbox.levels import confined, level
from itertl.tools.shop import Shop
from itertl.verify.cocotb.fit import Fit, fit_of
from itertl.verify.cocotb.results import Status, failures, first_line, number_of, same_tests, skipped
from itertl.verify.cocotb.simulation import Ran, as_simulated, simulate
from itertl.verify.judge import gated
from itertl.verify.judged import Judged
from itertl.verify.official.rules import Ruling
from itertl.verify.official.runs import judged_each, unfit
from itertl.verify.official.walls import ARRAYS, can_be_wrapped
from itertl.verify.settings import VerifySettings
from itertl.verilog.guard import Refusal
from itertl.verilog.interface import read_interface
from itertl.verilog.tokens import tokens

_PATH = re.compile(r"\\.*[.\[]")  # an escaped name that Python, when it looks for another one, might be given
_NO_MEMORY = re.compile(r"MemoryError|bad_alloc|Cannot allocate memory")
UNFIT = "no verdict of the testbench: "  # how the detail begins where it cannot serve


def by_cocotb(
    task: Task, designs: Sequence[tuple[str, str]], settings: VerifySettings, shop: Shop
) -> list[Judged[Verdict]]:
    """Return the verdict on each of `designs` = (code_id, code), in their order.

    Raise MissingToolError without cocotb, ToolError where it does not run, SandboxError where a row's bench is not
    confined.
    """
    _refuse_unconfined(settings)
    tried = fit_of(task, settings, shop)
    tools = f"cocotb {cocotb_version()}"
    if isinstance(tried, str):
        refusal = unfit(f"{UNFIT}{tried}")
        return judged_each(task, designs, lambda code: refusal, tools)
    fit = tried
    return judged_each(task, designs, lambda code: _ruling(task, fit, code, settings, shop), tools)


def _refuse_unconfined(settings: VerifySettings) -> None:
    """Raise SandboxError where a bench that came with a task, a program of whoever wrote the row, would run free."""
    if not (settings.own_bench or settings.sandbox == "off" or confined()):
        raise SandboxError(
            "a task's bench in Python runs only in a sandbox that keeps it off files and network, and this machine "
            f"offers {level()} (itertl doctor says why); where you trust the file of tasks, set verify.sandbox to off"
        )


def _ruling(task: Task, fit: Fit, code: str, settings: VerifySettings, shop: Shop) -> Ruling:
    """Judge one design."""
    gate = gated(code, task.top, fit.ports, task.project)
    if isinstance(gate, Refusal):
        return Ruling(gate.outcome, gate.detail, reason=gate.reason)
    if gate.arrays:
        return Ruling(Outcome.UNSUPPORTED, ARRAYS)
    ports = fit.ports or read_interface(gate.code, task.top).ports
    own = {port.name for port in ports}
    if odd := next((t.name for t in tokens(code) if _PATH.match(t.text) and t.name not in own), ""):
        detail = f"escaped name: {odd[:40]} reads like a path to something else"
        return Ruling(Outcome.REJECTED, detail, reason=Reason.CONSTRUCT)
    if fit.ports is None and not can_be_wrapped(ports):
        detail = "bidirectional: an inout port, which could drive the bench"
        return Ruling(Outcome.REJECTED, detail, reason=Reason.CONSTRUCT)
    design, limits = as_simulated(task, gate, ports), settings.limits(fit.cpu)
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
        return Ruling(Outcome.MISMATCH, failures(ran.tests), *numbers)
    if not counted:
        return Ruling(Outcome.MISMATCH, f"no test ran: {number_of(ran.tests)}, all skipped", *numbers)
    if fit.by_reference and (more := skipped(ran.tests) - skipped(fit.tests)):
        return Ruling(Outcome.MISMATCH, f"skipped, and not with the reference: {', '.join(more)}", *numbers)
    if ran.status != 0:
        return Ruling(Outcome.MISMATCH, f"its tests pass, yet the simulation ends with status {ran.status}", *numbers)
    return Ruling(Outcome.PASSED, "", *numbers)
