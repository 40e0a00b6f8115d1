"""Verdicts on the candidates of one task: gate, one simulation for all that pass it, comparison with the reference.

    reference = prepare(task, settings, shop)                    # Reference, or Unfit: why it is of no use
    judge(task, reference, designs, settings, shop)              # verdict and trace for each (code_id, code)

Nothing here depends on which candidates are judged together: batch.py gives each the run it would have had alone.
"""

import dataclasses
import functools
import signal
import time
from collections.abc import Mapping, Sequence

from itertl.errors import DataError, ToolError
from itertl.identity import digest
from itertl.outcome import Outcome, Reason
from itertl.records import Mismatch, Task, Verdict
from itertl.tools.icarus import Run
from itertl.tools.process import Limits, Stop
from itertl.tools.sandbox.levels import level
from itertl.tools.shop import BENCH_VERSION, Shop, tool_versions
from itertl.tools.yosys import find_yosys
from itertl.verify.approach import approaches, further
from itertl.verify.batch import Asking, Pace, Rig, alone
from itertl.verify.compare import Expected, compare, defined_bits
from itertl.verify.cross_check import conflict
from itertl.verify.differing import differ
from itertl.verify.ended import Explanation, explain
from itertl.verify.explore import UNEXPLORED, Drive, Explored, explore
from itertl.verify.formal.equivalence import FormalLimits, equivalence, plan_of, second_opinion
from itertl.verify.judged import Judged, Known, Reference, Unfit
from itertl.verify.limits import beyond, works
from itertl.verify.moments import wave_of
from itertl.verify.plan import Plan
from itertl.verify.power_up import before_any_edge, running_from_random_values, settling_trace
from itertl.verify.settings import VerifySettings
from itertl.verify.stimuli import cycles_for, planner
from itertl.verify.unexercised import bare, with_undriven
from itertl.verilog.checks import without_checks
from itertl.verilog.entrusted import entrusted, same_design
from itertl.verilog.extract import extract_module
from itertl.verilog.frontend import MAX_DETAIL
from itertl.verilog.guard import Accepted, Refusal, inspect
from itertl.verilog.interface import Interface, Port, read_interface
from itertl.verilog.project import Project, seated
from itertl.verilog.rewrite.rewritten import often_misread

_REFERENCE_CPU = 20.0  # seconds that a reference may take
_REFERENCE_STEP = 1.5  # seconds of CPU time without progress: it is stuck
_REFERENCE_START = 2.0  # seconds on top before the first output, in which a large design is loaded
_REFERENCE_OUTPUT = 8  # times as much output as a candidate: its registers are shown, too
STUCK = f"gets stuck: its simulation makes no progress in {_REFERENCE_STEP:g} s of CPU time; it may oscillate"
UNDRIVEN = "never drives an output bit to 0 or 1"
_UNEXPLORED = Explored(unexercised=(UNEXPLORED,))
GATE_CPU = 1.0  # seconds of CPU time for the front-end on one candidate; real ones take milliseconds


class _StuckError(Exception):
    """A reference comes to no end."""


def prepare(task: Task, settings: VerifySettings, shop: Shop, known: Known | None = None) -> Reference | Unfit:
    """Simulate the reference of `task`, unless `known`; return why instead where it cannot serve as one."""
    return alone(preparing(task, settings, shop, known))


def preparing(
    task: Task, settings: VerifySettings, shop: Shop, known: Known | None = None
) -> Asking[Reference | Unfit]:
    """Do what `prepare` does, with whoever runs simulations."""
    try:
        code = _reference(task)
        interface = read_interface(_readable(code, task), task.top)
    except DataError as error:
        return Unfit(f"the reference is unusable: {error}")
    if interface.unsupported:
        return Unfit(interface.unsupported)
    seed = digest(code, task.top, str(settings.seed))

    drive = planner(interface, seed, cycles_for(interface, settings.cycles), settings.vectors)
    found = known or (yield from _simulated(code, interface, drive, settings, shop, task.project))
    if isinstance(found, Unfit):
        return found
    pace = Pace.of(settings, found.compiling, found.running)
    expected = Expected.of(found.trace, interface.outputs)
    plan = drive(found.extras)
    opening = _opening(interface, plan, drive(()), found, settings) if found.extras else None
    settled = Expected.of(found.settled, interface.outputs) if defined_bits(found.settled) else None
    return Reference(interface, plan, expected, pace, found.extras, opening, settled, found.unexercised)


def _reference(task: Task) -> str:
    """Return the text of a task's reference, with what of its project stands beside it; raise DataError."""
    code = extract_module(task.reference, task.header, task.top, task.project)
    if task.project is None:
        return code
    return task.project.beside(without_checks(seated(code, task.project, task.top)))[0]


def _readable(code: str, task: Task) -> str:
    """Return a reference as what clocks and resets are read from: without interfaces, through which they may come."""
    if "interface" not in code:
        return code
    accepted = entrusted(code, task.top, None, task.project)
    return accepted.plain.text if isinstance(accepted, Accepted) and accepted.plain.resolved else code


def _opening(interface: Interface, plan: Plan, usual: Plan, found: Known, settings: VerifySettings) -> Reference | None:
    """Return the reference on the stimuli before the extras; None where it shows nothing there."""
    trace = found.trace[: usual.samples * sum(p.width for p in interface.outputs)]
    if not defined_bits(trace):
        return None
    pace = Pace.of(settings, found.compiling, found.running * len(usual.vectors) / len(plan.vectors))
    return Reference(interface, usual, Expected.of(trace, interface.outputs), pace)


def _simulated(
    code: str, interface: Interface, drive: Drive, settings: VerifySettings, shop: Shop, project: Project | None
) -> Asking[Known | Unfit]:
    top, ports = interface.top, interface.ports
    accepted = entrusted(code, top, ports, project)
    if isinstance(accepted, Refusal):
        outcome = Outcome.UNSUPPORTED if accepted.outcome is Outcome.UNSUPPORTED else Outcome.TOOL_ERROR
        return Unfit(f"the reference is refused: {accepted.detail}", outcome)
    memory, file = settings.memory_mb << 20, _REFERENCE_OUTPUT * settings.output_mb << 20
    limits = Limits(_REFERENCE_CPU, memory, file, step=_REFERENCE_STEP, start=_REFERENCE_START)

    def simulate(seen: Interface, design: Accepted, plan: Plan) -> Asking[Run]:
        run = yield from Rig(seen, plan, shop, Pace(limits, 0.0, 0.0), learns=True).asking(design)
        if run.failed and not works(shop):
            raise ToolError(f"the reference does not simulate: {_failure(run)}")
        if run.stop is Stop.STUCK:
            raise _StuckError
        return run

    try:
        found = _UNEXPLORED
        if settings.explore:
            found = yield from explore(accepted, interface, drive, simulate)
        run = found.run or (yield from simulate(interface, accepted, drive(found.extras)))
    except _StuckError:
        return Unfit(f"the reference {STUCK}", reason=Reason.STUCK_REFERENCE)
    if not run.complete:
        if why := beyond(accepted, interface.top, run, shop):
            return Unfit(f"the reference is beyond {tool_line()}: {why}", Outcome.UNSUPPORTED)
        return Unfit(f"the reference does not simulate ({run.stage}, {run.stop}): {run.message}")
    if not defined_bits(run.traces[0]):
        return Unfit(f"the reference {UNDRIVEN}", reason=Reason.UNDRIVEN)
    if project is None and settings.cross_check != "off" and (settings.cross_check == "all" or often_misread(code)):
        crossed = conflict(accepted, run.traces[0], Rig(interface, drive(found.extras), shop, Pace(limits, 0.0, 0.0)))
        if crossed.detail:
            return Unfit(f"the reference has a {crossed.detail}", Outcome.UNSUPPORTED, Reason.CONFLICT)
    usual, running, trace = drive(()), run.cpu - run.compile_cpu, before_any_edge(run.traces[0], interface)
    opening = trace[: usual.samples * sum(p.width for p in interface.outputs)]
    rig = Rig(interface, usual, shop, Pace.of(settings, run.compile_cpu, running), learns=True)
    settled = yield from settling_trace(accepted, rig, opening)
    facts = with_undriven(found.unexercised, trace, interface.outputs)
    return Known(trace, run.compile_cpu, running, found.extras, settled, facts)


def judge(
    task: Task, reference: Reference | Unfit, designs: Sequence[tuple[str, str]], settings: VerifySettings, shop: Shop
) -> list[Judged[Verdict]]:
    """Return a verdict, with its trace, for each of `designs` = (code_id, code), in their order."""
    return alone(judging(task, reference, designs, settings, shop))


def judging(
    task: Task, reference: Reference | Unfit, designs: Sequence[tuple[str, str]], settings: VerifySettings, shop: Shop
) -> Asking[list[Judged[Verdict]]]:
    """Do what `judge` does, with whoever runs simulations."""
    if isinstance(reference, Unfit) and task.reference:
        return [Judged(_unfit(task.id, i, reference)) for i, _ in designs]
    tools = tool_line()
    ports = None if isinstance(reference, Unfit) else reference.interface.ports
    judged: dict[str, Judged[Verdict]] = {}
    accepted: dict[str, Accepted] = {}
    for code_id, code in designs:
        started = time.perf_counter()
        gate = gated(code, task.top, ports, task.project)
        if isinstance(gate, Refusal) and gate.reason is Reason.CONSTRUCT and task.reference:
            own = extract_module(task.reference, task.header, task.top, task.project)
            gate = entrusted(_reference(task), task.top, ports, task.project) if same_design(code, own) else gate
        spent = time.perf_counter() - started
        if isinstance(gate, Refusal):
            detail = gate.detail[:MAX_DETAIL]
            verdict = Verdict(task.id, code_id, gate.outcome, 0.0, detail, spent, tools, reason=gate.reason)
            judged[code_id] = Judged(verdict)
        elif isinstance(reference, Unfit):
            detail = "elaborates alone; the task has no reference to compare its behaviour with"
            verdict = Verdict(task.id, code_id, Outcome.MISMATCH, 0.0, detail, spent, tools, reason=Reason.NO_REFERENCE)
            judged[code_id] = Judged(verdict)
        else:
            accepted[code_id] = gate
    if not isinstance(reference, Unfit):
        judged |= yield from _driven(task.id, reference, accepted, settings, shop)
        right = {i: design for i, design in accepted.items() if judged[i].verdict.passed}
        begun, unset = yield from _begun(task.id, reference, right, settings, shop)
        judged |= begun
        right = {i: design for i, design in right.items() if judged[i].verdict.passed}
        further, missed = yield from _approached(task, reference, right, settings, shop)
        judged |= further
        if settings.formal:
            codes = dict(designs)
            judged.update({i: _certified(judged[i], task, reference, codes[i], settings, shop) for i in accepted})
        if settings.cross_check in ("suspicious", "all") and task.project is None:
            judged.update({i: _crossed(judged[i], reference, accepted[i], settings, shop) for i in accepted})
        judged.update(
            {i: _told(judged[i], (*reference.unexercised, *missed.get(i, ()), *unset.get(i, ()))) for i in accepted}
        )
    return [judged[i] for i, _ in designs]


def _told(judged: Judged[Verdict], unexercised: tuple[str, ...]) -> Judged[Verdict]:
    """Return what is judged with what nothing has exercised, where that is a limit of the verdict."""
    if judged.verdict.formal == "proved":
        unexercised = bare(unexercised)
    if not unexercised or not judged.verdict.passed:
        return judged
    return dataclasses.replace(judged, verdict=dataclasses.replace(judged.verdict, unexercised=unexercised))


def _unfit(task_id: str, code_id: str, reference: Unfit) -> Verdict:
    return Verdict(task_id, code_id, reference.outcome, detail=reference.fault[:MAX_DETAIL], reason=reference.reason)


def _driven(
    task_id: str, reference: Reference, designs: Mapping[str, Accepted], settings: VerifySettings, shop: Shop
) -> Asking[dict[str, Judged[Verdict]]]:
    """Judge designs by simulation; only those that agree with the reference up to the plan's extras see the rest."""
    judged: dict[str, Judged[Verdict]] = {}
    if opening := reference.opening:
        found = yield from _driven(task_id, opening, designs, settings, shop)
        judged = {i: dataclasses.replace(j, against=opening) for i, j in found.items() if not j.verdict.passed}
        designs = {i: design for i, design in designs.items() if i not in judged}
    runs = yield from Rig(reference.interface, reference.plan, shop, reference.pace).settling(designs)
    found = {i: _judged((task_id, i), reference, run, settings) for i, run in runs.items()}
    return judged | {i: _limited(j, reference, designs[i], runs[i], shop) for i, j in found.items()}


def _limited(judged: Judged[Verdict], reference: Reference, design: Accepted, run: Run, shop: Shop) -> Judged[Verdict]:
    """Return the verdict that a legal design is beyond the simulator, where that is why its run gave no trace."""
    if run.complete or not (why := beyond(design, reference.interface.top, run, shop)):
        return judged
    detail = f"beyond {tool_line()}: {why}"[:MAX_DETAIL]
    return Judged(dataclasses.replace(judged.verdict, outcome=Outcome.UNSUPPORTED, detail=detail))


def _begun(
    task_id: str, reference: Reference, designs: Mapping[str, Accepted], settings: VerifySettings, shop: Shop
) -> Asking[tuple[dict[str, Judged[Verdict]], dict[str, tuple[str, ...]]]]:
    """Return the verdict on those of `designs`, which have passed, that are wrong from other values at power-up.

    With it comes what of each design always began undefined.
    """
    usual = reference.opening or reference
    if reference.settled is None or not designs:
        return {}, {}
    against = dataclasses.replace(usual, expected=reference.settled, opening=None)
    rig = Rig(usual.interface, usual.plan, shop, usual.pace)
    runs, unset = yield from running_from_random_values(designs, rig, bool(usual.expected.floating))
    found = {}
    for i, run in runs.items():
        each = [dataclasses.replace(run, traces=(trace,)) for trace in run.traces] or [run]
        wrong = [j for j in (_judged((task_id, i), against, one, settings) for one in each) if not j.verdict.passed]
        if wrong:
            detail = f"depends on values at power-up: {wrong[0].verdict.detail}"
            verdict = dataclasses.replace(wrong[0].verdict, detail=detail, reason=Reason.POWER_UP)
            found[i] = dataclasses.replace(wrong[0], verdict=verdict, against=against)
    return found, unset


def _approached(
    task: Task, reference: Reference, designs: Mapping[str, Accepted], settings: VerifySettings, shop: Shop
) -> Asking[tuple[dict[str, Judged[Verdict]], dict[str, tuple[str, ...]]]]:
    """Drive designs that have passed as far as they count and the reference does not: which of them are wrong there.

    With it comes what of each design was not reached.
    """
    if not settings.explore or not reference.plan.clock or not designs:
        return {}, {}
    code = _reference(task)
    found: dict[str, Judged[Verdict]] = {}
    each = approaches({i: design.code for i, design in designs.items()}, code, task.top)
    missed = {i: approach.unexercised for i, approach in each.items()}
    seed = digest(code, task.top, str(settings.seed))
    for cycles in sorted({approach.cycles for approach in each.values()} - {0}):
        chosen = {i: designs[i] for i, approach in each.items() if approach.cycles == cycles}
        own = entrusted(code, task.top, reference.interface.ports, task.project)
        against = yield from further(own, reference, seed, cycles, settings, shop)
        if against is None:
            missed |= {i: each[i].nowhere for i in chosen}
            continue
        judged = yield from _driven(task.id, against, chosen, settings, shop)
        found |= {i: dataclasses.replace(j, against=against) for i, j in judged.items() if not j.verdict.passed}
    return found, missed


def _certified(
    judged: Judged[Verdict], task: Task, reference: Reference, code: str, settings: VerifySettings, shop: Shop
) -> Judged[Verdict]:
    """Ask Yosys about a candidate that has passed; a counterexample's trace takes the place of the bench's."""
    if not judged.verdict.passed:
        return judged
    right = extract_module(task.reference, task.header, task.top)
    opinion = equivalence(right, code, task.top, reference.interface, FormalLimits(settings.formal_cpu), shop)
    verdict = second_opinion(judged.verdict, opinion)
    verdict = dataclasses.replace(verdict, tools=f"{verdict.tools}, {find_yosys().name}")
    if not opinion.traces:
        return dataclasses.replace(judged, verdict=verdict)
    wanted, trace = opinion.traces
    expected = Expected.of(wanted, reference.interface.outputs)
    plan = plan_of(opinion.inputs, reference.interface)
    against = dataclasses.replace(reference, plan=plan, expected=expected)
    if first := verdict.mismatch:
        picture = wave_of(against, trace, first.sample)
        verdict = dataclasses.replace(verdict, mismatch=dataclasses.replace(first, wave=picture))
    return Judged(verdict, trace=trace, against=against)


def _crossed(
    judged: Judged[Verdict], reference: Reference, design: Accepted, settings: VerifySettings, shop: Shop
) -> Judged[Verdict]:
    """Take back a verdict of the bench that hangs on how the simulator reads the candidate, where Yosys differs."""
    verdict, whole = judged.verdict, judged.trace and judged.against in (None, reference.opening)
    if not whole or not (settings.cross_check == "all" or often_misread(design.code)):
        return judged
    used = judged.against or reference
    crossed = conflict(design, judged.trace, Rig(used.interface, used.plan, shop, used.pace))
    if not crossed.detail:
        return judged
    detail = crossed.detail[:MAX_DETAIL]
    changed = dataclasses.replace(
        verdict, outcome=Outcome.UNSUPPORTED, agreement=0.0, detail=detail, mismatch=None, reason=Reason.CONFLICT
    )
    return Judged(changed, trace=judged.trace, against=judged.against)


def gated(code: str, top: str, ports: Sequence[Port] | None, project: Project | None = None) -> Accepted | Refusal:
    """Run the guard under a CPU limit that ends the process (SIGPROF), and turn its exhaustion into a refusal."""
    signal.setitimer(signal.ITIMER_PROF, GATE_CPU)
    try:
        return inspect(code, top, ports, project)
    except (MemoryError, RuntimeError, DataError) as error:  # the front-end's: out of memory, nested too deeply
        found = "front-end resources"
        said = f"{found}: {str(error) or type(error).__name__}"
        return Refusal(Outcome.REJECTED, found, said, False, Reason.FRONT_END)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


@functools.cache
def tool_line() -> str:
    """Return the tools as the verdict records them."""
    return f"iverilog {tool_versions()['iverilog']}"


def _judged(key: tuple[str, str], reference: Reference, run: Run, settings: VerifySettings) -> Judged[Verdict]:
    """Return the verdict that a run supports."""
    if run.complete:
        return _compared(key, reference, run.traces[0], settings, run.seconds)
    said = Explanation(Outcome.TOOL_ERROR, _failure(run)) if run.failed else explain(run)
    evidence = (tool_line(), level())
    stimuli = stimuli_line(settings)
    verdict = Verdict(*key, said.outcome, 0.0, said.detail, run.seconds, *evidence, stimuli=stimuli, reason=said.reason)
    return Judged(verdict)


def _failure(run: Run) -> str:
    tool = "the compiler" if run.stage == "compile" else "vvp"
    return f"{tool} failed each time it was run ({run.stop}): {run.message}"


def _compared(
    key: tuple[str, str], reference: Reference, trace: str, settings: VerifySettings, seconds: float
) -> Judged[Verdict]:
    result, plan = compare(reference.expected, trace), reference.plan
    outcome, detail, first = Outcome.PASSED, "", None
    if not result.equal:
        moment = plan.describe(result.sample)
        detail = f"{moment}: {differ(result.signal, result.expected, result.found)}"
        where = (result.sample, plan.cycle(result.sample), moment, result.signal)
        picture = wave_of(reference, trace, result.sample)
        outcome, first = Outcome.MISMATCH, Mismatch(*where, result.expected, result.found, picture)
    evidence = (tool_line(), level())
    stimuli = stimuli_line(settings)
    agreement, outputs = result.agreement, result.outputs
    verdict = Verdict(*key, outcome, agreement, detail, seconds, *evidence, outputs, first, stimuli)
    return Judged(verdict, trace=trace)


def stimuli_line(settings: VerifySettings) -> str:
    """Return what, together with the reference, gives the stimuli again."""
    return f"bench {BENCH_VERSION} seed {settings.seed} cycles {settings.cycles} vectors {settings.vectors}"
