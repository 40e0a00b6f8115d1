"""Runs under a suite's own testbench: the suite's command for `official`, a bench that cannot be spoken for, `strict`.

    official(task, completions, settings, shop)     the raw completion, compiled as the suite compiles it
    strict(task, designs, settings, shop)           the extracted design behind the guard, under the same bench

For `strict` the bench is preprocessed once a task, every line that it prints gets a random prefix in its own source,
and the design's modules get random names. A design passes if the bench's lines say so, no other line looks like a
verdict, and there are as many verdicts, samples and lines as for the reference: an early end has not passed.
"""

import dataclasses
import functools
import re
import secrets
import time
from collections.abc import Sequence
from pathlib import Path

from itertl.errors import DataError, ToolError
from itertl.outcome import Outcome, Reason
from itertl.records import Task, Verdict
from itertl.tools.icarus import Disbelief, Understood, compile_in, read_otherwise
from itertl.tools.process import Limits, Stop, run
from itertl.tools.shop import Shop
from itertl.verify.judge import gated, tool_line
from itertl.verify.judged import Judged
from itertl.verify.official.rules import Log, Reading, Rule, Ruling, rule_of
from itertl.verify.official.runs import (
    ALONE_CPU,
    REFERENCE_CPU,
    failed,
    judged_as,
    judged_each,
    preprocessed,
    run_folder,
    text_of,
    unfit,
)
from itertl.verify.official.walls import (
    ARRAYS,
    KEY,
    SAYS_DRIVEN,
    bench_module,
    can_be_wrapped,
    constant,
    filled,
    gives_parameters,
    marked,
    ports_of,
    wrapper,
)
from itertl.verify.settings import VerifySettings
from itertl.verilog.extract import extract_module
from itertl.verilog.frontend import elaborate, parse
from itertl.verilog.guard import Refusal, with_parameters
from itertl.verilog.interface import Port, read_interface
from itertl.verilog.rewrite.designs import edits
from itertl.verilog.tokens import to_ascii, tokens
from itertl.verilog.tree import Tree

_OFFICIAL_FLOOR, _OFFICIAL_FACTOR = 2.0, 100.0  # seconds, times the reference's own: where a suite's limit ends early
_NOISE = ("WARNING: ", "         Time: ", "VCD ")


@dataclasses.dataclass(frozen=True, slots=True)
class Prepared:
    """A suite's bench, preprocessed and marked: its text, and the name of its top module, marked as well."""

    text: str
    root: str


@dataclasses.dataclass(frozen=True, slots=True)
class KnownBench:
    """What a task's reference shows under the suite's bench: the prepared bench, what it prints, the CPU seconds.

    `ports` are the reference's, None where a design is free to have others. `buffered` says that there are buffers
    between bench and design: the reference passes with them, too. Without a reference nothing is known of `reading`.
    """

    bench: Prepared
    ports: tuple[Port, ...] | None
    buffered: bool
    reading: Reading | None
    lines: int
    cpu: float


def official(
    task: Task, completions: Sequence[tuple[str, str]], settings: VerifySettings, shop: Shop
) -> list[Judged[Verdict]]:
    """Return what the suite's own rule says about each of `completions` = (id, raw text), in their order."""
    rule, known = rule_of(task.rule), _known(task, settings, shop)
    seconds = rule.seconds
    if isinstance(known, KnownBench):
        seconds = min(seconds, max(_OFFICIAL_FLOOR, _OFFICIAL_FACTOR * known.cpu))
    limits = settings.limits(seconds)
    judged = []
    for name, completion in completions:
        started = time.perf_counter()
        log = _run_suite(task, rule, completion, limits, shop)
        ruling = log if isinstance(log, Ruling) else rule.decide(log)
        if ruling.outcome in (Outcome.PASSED, Outcome.MISMATCH) and _icarus() < rule.simulator:
            ruling = _as_newer(task, completion) or ruling
        judged.append(judged_as(task.id, name, ruling, time.perf_counter() - started))
    return judged


def strict(
    task: Task, designs: Sequence[tuple[str, str]], settings: VerifySettings, shop: Shop
) -> list[Judged[Verdict]]:
    """Return the strict verdict on each of `designs` = (code_id, code), in their order."""
    rule, known = rule_of(task.rule), _known(task, settings, shop)
    if isinstance(known, str):
        refusal = unfit(f"no strict verdict: {known}")
        return judged_each(task, designs, lambda code: refusal)
    found = known
    return judged_each(task, designs, lambda code: _strict(task, rule, found, code, settings, shop))


def _as_newer(task: Task, completion: str) -> Ruling | None:
    """Return what Icarus Verilog 12 says, where 11 reads a design that 12 refuses: a port declared again."""
    gate = gated(extract_module(completion, task.header, task.top), task.top, None)
    if isinstance(gate, Refusal) and gate.reason is Reason.REDECLARED:
        detail = f"compile error, of Icarus Verilog 12: {gate.detail}"
        return Ruling(Outcome.ELABORATION_ERROR, detail, reason=gate.reason)
    return None


def _icarus() -> int:
    """Return the major version of the simulator; 0 where it cannot be told."""
    version = re.search(r"iverilog (\d+)", tool_line())
    return int(version[1]) if version else 0


def bench_fault(task: Task, settings: VerifySettings, shop: Shop) -> str:
    """Return "" if the reference of `task` passes its suite's bench on this machine's tools, else why it does not."""
    known = _known(task, settings, shop)
    return known if isinstance(known, str) else ""


@functools.lru_cache(maxsize=256)
def _known(task: Task, settings: VerifySettings, shop: Shop) -> KnownBench | str:
    """Run the reference of `task` under the prepared bench; return a sentence instead where it cannot serve."""
    if not task.testbench:
        return "the task lacks a testbench"
    if not task.reference:
        return alone(task, settings, shop)
    limits = settings.limits(REFERENCE_CPU)
    bench, reference = (preprocessed(text, limits, shop) for text in (task.testbench, task.reference))
    if not bench or not reference:
        return "the suite's bench or its reference cannot be preprocessed"
    bench, reference = _readable(bench, reference)
    prepared = _prepared(bench, task.top)
    ports = _ports(task)
    printed, buffered = _run_reference(task, prepared, reference, ports, limits, shop)
    if isinstance(printed, Ruling):
        if printed.outcome is Outcome.TOOL_ERROR:
            raise ToolError(f"the reference of {task.id} does not run: {printed.detail}")
        return f"the reference does not run under the suite's bench: {printed.detail}"
    rule = rule_of(task.rule)
    reading = rule.read(printed.own)
    if not reading.passed:
        return f"the reference fails the suite's bench: {_first(printed.own)}"
    return KnownBench(prepared, ports if rule.same_ports else None, buffered, reading, len(printed.own), printed.cpu)


def alone(task: Task, settings: VerifySettings, shop: Shop) -> KnownBench | str:
    """Return what is known of a bench without a reference; why it is of no use where a constant passes it."""
    limits = settings.limits(ALONE_CPU)
    bench = preprocessed(task.testbench, limits, shop)
    if not bench:
        return "the bench cannot be preprocessed"
    if task.top not in {token.name for token in tokens(bench)}:
        return f"the bench does not name the module {task.top}"
    prepared, rule = _prepared(bench, task.top), rule_of(task.rule)
    ports = ports_of(task.header, task.top)
    buffered, cpu = not gives_parameters(prepared.text), ALONE_CPU / settings.cpu_factor
    for bit in (0, 1):
        if not can_be_wrapped(ports):
            break
        stub = _Design(constant(ports, task.top, bit))
        printed = _run_strict(task, prepared, stub, ports if buffered else None, limits, shop)
        if isinstance(printed, Ruling):
            if printed.outcome is Outcome.TOOL_ERROR:
                raise ToolError(f"the bench of {task.id} does not run: {printed.detail}")
            if printed.outcome in (Outcome.SYNTAX_ERROR, Outcome.ELABORATION_ERROR):
                return f"the bench does not compile: {printed.detail}"
        elif rule.read(printed.own).passed:
            return f"the bench passes a design whose outputs are always {bit}"
    return KnownBench(prepared, ports if rule.same_ports else None, buffered, None, 0, cpu)


def _prepared(bench: str, top: str) -> Prepared:
    root, text = bench_module(bench), marked(bench, top)
    return Prepared(text, KEY + root if KEY + root in text else root)


def _run_reference(
    task: Task, bench: Prepared, reference: str, ports: Sequence[Port] | None, limits: Limits, shop: Shop
) -> tuple["_Printed | Ruling", bool]:
    """Run the reference behind buffers, and without them where it does not pass so; tell which of both it was.

    A bench that names parameters of the design, or that changes its inputs in the moment in which it looks at its
    outputs, does not bear buffers.
    """
    if can_be_wrapped(ports) and not gives_parameters(bench.text):
        printed = _run_strict(task, bench, _Design(reference), ports, limits, shop)
        if not isinstance(printed, Ruling) and rule_of(task.rule).read(printed.own).passed and not printed.drives:
            return printed, True
    return _run_strict(task, bench, _Design(reference), None, limits, shop), False


def _ports(task: Task) -> tuple[Port, ...] | None:
    try:
        return read_interface(extract_module(task.reference, task.header, task.top), task.top).ports
    except DataError:
        return None


def _strict(task: Task, rule: Rule, known: KnownBench, code: str, settings: VerifySettings, shop: Shop) -> Ruling:
    gate = gated(code, task.top, known.ports)
    if isinstance(gate, Refusal):
        return Ruling(gate.outcome, gate.detail, reason=gate.reason)
    if gate.arrays:
        return Ruling(Outcome.UNSUPPORTED, ARRAYS)
    if gives_parameters(known.bench.text):
        gate = with_parameters(gate, task.top)
    ports = (known.ports or read_interface(gate.code, task.top).ports) if known.buffered else None
    if not can_be_wrapped(ports) and any(token.text == "inout" for token in tokens(gate.code)):
        detail = "bidirectional: an inout port, which could drive the bench"
        return Ruling(Outcome.REJECTED, detail, reason=Reason.CONSTRUCT)
    cpu = max(settings.cpu_floor, settings.cpu_factor * known.cpu)
    limits = settings.limits(cpu)
    for _ in range(settings.retries + 1):
        prefix = f"m{secrets.token_hex(6)}_"
        design = _Design(gate.renamed(prefix), prefix, gate.tree)
        printed = _run_strict(task, known.bench, design, ports, limits, shop)
        if not isinstance(printed, Ruling) or printed.outcome is not Outcome.TOOL_ERROR:
            break
    return printed if isinstance(printed, Ruling) else _read(printed, rule, known)


def _read(printed: "_Printed", rule: Rule, known: KnownBench) -> Ruling:
    """Compare what the bench printed about a design with what it printed about the reference."""
    reading, wanted = rule.read(printed.own), known.reading
    most = wanted.verdicts if wanted is not None else reading.verdicts
    counted = (reading.samples, reading.mismatches)
    if printed.drives:
        told = Disbelief.drives()
        return Ruling(Outcome.REJECTED, told.detail, *counted, told.reason)
    if rule.read(printed.foreign).verdicts or reading.verdicts > most:
        detail = "forged output: a verdict that the bench has not printed"
        return Ruling(Outcome.REJECTED, detail, *counted, Reason.FORGED)
    if not reading.passed:
        said = (
            f"{counted[1]} of {counted[0]} samples differ" if counted[0] else f"the bench says: {_first(printed.own)}"
        )
        return Ruling(Outcome.MISMATCH, said, *counted)
    if wanted is None:
        return Ruling(Outcome.PASSED, "", *counted)
    if reading.samples != wanted.samples:
        detail = f"forged output: the bench took {counted[0]} samples, {wanted.samples} of the reference"
        return Ruling(Outcome.REJECTED, detail, *counted, Reason.FORGED)
    if not wanted.samples and len(printed.own) != known.lines:
        return Ruling(Outcome.MISMATCH, f"the bench passes it, but says before: {_first(printed.own)}", *counted)
    return Ruling(Outcome.PASSED, "", *counted)


def _first(lines: Sequence[str]) -> str:
    return lines[0] if lines else "nothing"


def _readable(bench: str, reference: str) -> tuple[str, str]:
    """Return both with the edits that let Icarus Verilog read them; as they are, where that is not known to be safe."""
    text = f"{to_ascii(bench)}\n{to_ascii(reference)}"
    tree = parse(text)
    found = elaborate(tree, bench_module(bench))
    if found.error or found.top is None:
        return bench, reference
    parts, at, middle = [], 0, len(bench)
    for edit in edits(tree, found.top, text):
        parts += [text[at : edit.start], edit.text]
        at = edit.end
        if edit.end <= len(bench):
            middle += len(edit.text) - (edit.end - edit.start)
    whole = "".join([*parts, text[at:]])
    return whole[:middle], whole[middle:]


@dataclasses.dataclass(frozen=True, slots=True)
class _Design:
    """A design as it is run: with `prefix` before its modules' names; `tree` is what the front-end has found in it."""

    code: str
    prefix: str = ""
    tree: Tree | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class _Printed:
    """The lines that the bench printed, without the prefix; all others; the CPU seconds of the simulation.

    `drives` says that the design has driven an input against the bench.
    """

    own: tuple[str, ...]
    foreign: tuple[str, ...]
    cpu: float
    drives: bool


def _run_strict(
    task: Task, bench: Prepared, design: _Design, ports: Sequence[Port] | None, limits: Limits, shop: Shop
) -> _Printed | Ruling:
    """Run a design under a prepared bench; behind buffers if `ports` are given."""
    code, top = design.code, design.prefix + task.top
    nonce, key = secrets.token_hex(8), f"k{secrets.token_hex(6)}_"
    if ports is not None:
        code = f"{code}\n{wrapper(ports, key + top, top, key, nonce)}"
    root = bench.root.replace(KEY, key)
    source = f"{filled(bench.text, nonce, key + top if ports is not None else top, key)}\n{code}\n"
    with run_folder(shop, [*task.files, ("design.v", source)]) as folder:
        compiled, ready = compile_in(folder, [root], shop, limits)
        if not ready:
            said = text_of(folder, "stderr.txt") + text_of(folder, "stdout.txt")
            return failed("compile", compiled, said.replace(key, ""))
        inside = {f"{key}u": Understood(0, design.prefix, design.tree)} if design.tree and ports is not None else {}
        if otherwise := read_otherwise(folder, inside):
            return Ruling(Outcome.REJECTED, otherwise[0].detail, reason=otherwise[0].reason)
        ran = run([shop.tools.vvp, "-n", "design.vvp", "-none"], folder, limits, lifeline=shop.lifeline)
        if ran.stop is not Stop.EXIT:
            return failed("run", ran, text_of(folder, "stderr.txt").replace(key, ""))
        lines = text_of(folder, "stdout.txt").splitlines()
    drives = f"{nonce}{SAYS_DRIVEN}" in lines
    own = [line.replace(nonce, "").strip() for line in lines if nonce in line and line != f"{nonce}{SAYS_DRIVEN}"]
    foreign = [line for line in lines if nonce not in line and not line.startswith(_NOISE)]
    return _Printed(tuple(line for line in own if line), tuple(foreign), ran.cpu, drives)


def _run_suite(task: Task, rule: Rule, completion: str, limits: Limits, shop: Shop) -> Log | Ruling:
    """Compile and run a completion as the suite does; a Ruling where our own limits ended it."""
    sources = [(Path(name).name, text) for name, text in rule.sources(task, completion)]
    with run_folder(shop, [*task.files, *sources]) as folder:
        argv = [shop.tools.iverilog, *rule.flags, "-o", "test.vvp", *(name for name, _ in sources)]
        compiled = run(argv, folder, dataclasses.replace(limits, processes=None), "compiler.txt", shop.lifeline)
        said = text_of(folder, "stderr.txt")
        if compiled.status != 0 and not said:
            said = f"the compiler ended with status {compiled.status}\n"
        ready = compiled.status == 0 and (folder / "test.vvp").exists()
        log = Log(ready, compiled.stop is Stop.TIMEOUT, said + text_of(folder, "compiler.txt"), "", "", said)
        if not ready or compiled.stop is not Stop.EXIT:
            return log
        ran = run([shop.tools.vvp, "-n", "test.vvp", "-none"], folder, limits, lifeline=shop.lifeline)
        if ran.stop is Stop.OUTPUT:
            return Ruling(Outcome.OUTPUT_LIMIT, "wrote more than the output limit")
        errors = text_of(folder, "stderr.txt") + ("the simulation crashed\n" if ran.stop is Stop.CRASH else "")
        output, late = text_of(folder, "stdout.txt"), ran.stop is Stop.TIMEOUT
        return dataclasses.replace(log, timed_out=late, errors=errors, output=output, stderr=said + errors)
