"""Runs under a suite's own testbench: the suite's command for `official`, a bench that cannot be spoken for, `strict`.

    official(task, completions, settings, shop)     the raw completion, compiled as the suite compiles it
    strict(task, designs, settings, shop)           the extracted design behind the guard, under the same bench

For `strict` the bench is preprocessed once a task, every line that it prints gets a random prefix in its own source,
and the design's modules get random names. A design passes if the bench's lines say so, no other line looks like a
verdict, and there are as many verdicts, samples and lines as for the reference: an early end has not passed.
"""

import contextlib
import dataclasses
import functools
import itertools
import re
import secrets
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from pyslang.parsing import TokenKind

from itertl.errors import DataError, ToolError
from itertl.outcome import Outcome
from itertl.records import Task, Verdict
from itertl.tools.icarus import Run, Shop, compile_argv
from itertl.tools.process import Finished, Limits, Stop, run
from itertl.tools.sandbox.levels import level
from itertl.verify.judge import explain, gated, tool_line
from itertl.verify.official.rules import Finding, Log, Reading, Rule, rule_of
from itertl.verify.settings import VerifySettings
from itertl.verilog.extract import extract_module, to_ascii, tokens
from itertl.verilog.frontend import MAX_DETAIL, elaborate, parse
from itertl.verilog.guard import REDECLARED, Refusal, spell
from itertl.verilog.interface import Port, read_interface
from itertl.verilog.rewrite.designs import edits

Judged = tuple[Verdict, tuple[int, int]]  # a verdict, and the samples and mismatches that the bench counted

NO_GOLDEN = "no strict verdict"  # how a detail begins where the golden cannot serve
_GOLDEN_CPU = 60.0  # seconds that a golden may take
_OFFICIAL_FLOOR, _OFFICIAL_FACTOR = 2.0, 100.0  # seconds, and times the golden's own: where a suite's limit ends early
_PRINTS = frozenset({"$display", "$write", "$strobe", "$monitor", "$displayb", "$displayh", "$displayo"})
_NOISE = ("WARNING: ", "         Time: ", "VCD ")
_NONCE, _TOP = "\x01", "\x02"  # where the prepared bench takes this run's names


@dataclasses.dataclass(frozen=True, slots=True)
class Golden:
    """What a task's golden shows under the suite's bench: the prepared bench, what it prints, the CPU seconds.

    `root` is the bench's top module, `ports` are the golden's, None where a design is free to have others.
    """

    bench: str
    root: str
    ports: tuple[Port, ...] | None
    reading: Reading
    lines: int
    cpu: float


def official(task: Task, completions: Sequence[tuple[str, str]], settings: VerifySettings, shop: Shop) -> list[Judged]:
    """Return what the suite's own rule says about each of `completions` = (id, raw text), in their order."""
    rule, golden = rule_of(task.suite), _golden(task, settings, shop)
    seconds = rule.seconds
    if isinstance(golden, Golden):
        seconds = min(seconds, max(_OFFICIAL_FLOOR, _OFFICIAL_FACTOR * golden.cpu))
    limits = Limits(seconds, settings.memory_mb << 20, settings.output_mb << 20)
    judged = []
    for name, completion in completions:
        started = time.perf_counter()
        log = _run_suite(task, rule, completion, limits, shop)
        finding = log if isinstance(log, Finding) else rule.decide(log)
        if finding.outcome in (Outcome.PASSED, Outcome.MISMATCH) and _icarus() < rule.simulator:
            finding = _as_newer(task, completion) or finding
        judged.append(_judged(task.id, name, finding, time.perf_counter() - started))
    return judged


def strict(task: Task, designs: Sequence[tuple[str, str]], settings: VerifySettings, shop: Shop) -> list[Judged]:
    """Return the strict verdict on each of `designs` = (code_id, code), in their order."""
    rule, golden = rule_of(task.suite), _golden(task, settings, shop)
    judged = []
    for code_id, code in designs:
        started = time.perf_counter()
        if isinstance(golden, str):
            finding = Finding(Outcome.TOOL_ERROR, f"{NO_GOLDEN}: {golden}")
        else:
            finding = _strict(task, rule, golden, code, settings, shop)
        judged.append(_judged(task.id, code_id, finding, time.perf_counter() - started))
    return judged


def _as_newer(task: Task, completion: str) -> Finding | None:
    """Return what Icarus Verilog 12 says, where 11 reads a design that 12 refuses: a port declared again."""
    gate = gated(extract_module(completion, task.header, task.top), task.top, None)
    if isinstance(gate, Refusal) and gate.reason == REDECLARED:
        return Finding(Outcome.ELABORATION_ERROR, f"compile error, of Icarus Verilog 12: {gate.detail}")
    return None


def _icarus() -> int:
    """Return the major version of the simulator; 0 where it cannot be told."""
    version = re.search(r"iverilog (\d+)", tool_line())
    return int(version[1]) if version else 0


def check_golden(task: Task, settings: VerifySettings, shop: Shop) -> str:
    """Return "" if the golden of `task` passes its suite's bench on this machine's tools, else why it does not."""
    golden = _golden(task, settings, shop)
    return golden if isinstance(golden, str) else ""


def _judged(task_id: str, name: str, finding: Finding, seconds: float) -> Judged:
    detail = finding.detail[:MAX_DETAIL]
    share = 1.0 - finding.mismatches / finding.samples if finding.samples else float(finding.outcome is Outcome.PASSED)
    verdict = Verdict(task_id, name, finding.outcome, share, detail, seconds, tool_line(), level())
    return verdict, (finding.samples, finding.mismatches)


@functools.lru_cache(maxsize=256)
def _golden(task: Task, settings: VerifySettings, shop: Shop) -> Golden | str:
    """Run the golden of `task` under the prepared bench; return a sentence instead where it cannot serve."""
    if not task.reference or not task.testbench:
        return "the task lacks a testbench or a reference"
    limits = Limits(_GOLDEN_CPU, settings.memory_mb << 20, settings.output_mb << 20)
    bench, reference = (_preprocessed(text, limits, shop) for text in (task.testbench, task.reference))
    if not bench or not reference:
        return "the suite's bench or its golden cannot be preprocessed"
    bench, reference = _readable(bench, reference)
    root, bench = _bench_module(bench), _marked(bench, task.top)
    printed = _run_strict(task, bench, root, (reference, task.top), limits, shop)
    if isinstance(printed, Finding):
        if printed.outcome is Outcome.TOOL_ERROR:
            raise ToolError(f"the golden of {task.id} does not run: {printed.detail}")
        return f"the golden does not run under the suite's bench: {printed.detail}"
    rule = rule_of(task.suite)
    reading = rule.read(printed.own)
    if not reading.passed:
        return f"the golden fails the suite's bench: {_first(printed.own)}"
    return Golden(bench, root, _ports(task) if rule.same_ports else None, reading, len(printed.own), printed.cpu)


def _ports(task: Task) -> tuple[Port, ...] | None:
    try:
        return read_interface(extract_module(task.reference, task.header, task.top), task.top).ports
    except DataError:
        return None


def _strict(task: Task, rule: Rule, golden: Golden, code: str, settings: VerifySettings, shop: Shop) -> Finding:
    gate = gated(code, task.top, golden.ports)
    if isinstance(gate, Refusal):
        return Finding(gate.outcome, gate.detail)
    cpu = max(settings.cpu_floor, settings.cpu_factor * golden.cpu)
    limits = Limits(cpu, settings.memory_mb << 20, settings.output_mb << 20)
    for _ in range(settings.retries + 1):
        prefix = f"m{secrets.token_hex(6)}_"
        design = gate.renamed(prefix), prefix + task.top
        printed = _run_strict(task, golden.bench, golden.root, design, limits, shop)
        if not isinstance(printed, Finding) or printed.outcome is not Outcome.TOOL_ERROR:
            break
    return printed if isinstance(printed, Finding) else _read(printed, rule, golden)


def _read(printed: "_Printed", rule: Rule, golden: Golden) -> Finding:
    """Compare what the bench printed about a design with what it printed about the golden."""
    reading, wanted = rule.read(printed.own), golden.reading
    counted = (reading.samples, reading.mismatches)
    if rule.read(printed.foreign).verdicts or reading.verdicts > wanted.verdicts:
        return Finding(Outcome.REJECTED, "forged output: a verdict that the bench has not printed", *counted)
    if not reading.passed:
        said = (
            f"{counted[1]} of {counted[0]} samples differ" if counted[0] else f"the bench says: {_first(printed.own)}"
        )
        return Finding(Outcome.MISMATCH, said, *counted)
    if reading.samples != wanted.samples:
        detail = f"forged output: the bench took {counted[0]} samples, {wanted.samples} of the golden"
        return Finding(Outcome.REJECTED, detail, *counted)
    if not wanted.samples and len(printed.own) != golden.lines:
        return Finding(Outcome.MISMATCH, f"the bench passes it, but says before: {_first(printed.own)}", *counted)
    return Finding(Outcome.PASSED, "", *counted)


def _first(lines: Sequence[str]) -> str:
    return lines[0] if lines else "nothing"


def _preprocessed(source: str, limits: Limits, shop: Shop) -> str:
    """Return `source` with its macros expanded and its conditionals decided, "" where that fails."""
    with _folder(shop, [("source.v", source)]) as folder:
        argv = [shop.tools.iverilog, "-g2012", "-E", "-o", "expanded.v", "source.v"]
        run(argv, folder, dataclasses.replace(limits, processes=None), lifeline=shop.lifeline)
        expanded = folder / "expanded.v"
        return expanded.read_text(encoding="utf-8", errors="replace") if expanded.exists() else ""


def _readable(bench: str, reference: str) -> tuple[str, str]:
    """Return both with the edits that let Icarus Verilog read them; as they are, where that is not known to be safe."""
    text = f"{to_ascii(bench)}\n{to_ascii(reference)}"
    tree = parse(text)
    found = elaborate(tree, _bench_module(bench))
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


def _bench_module(bench: str) -> str:
    """Return the name of the last module of the bench that none of its others mentions."""
    stream = list(tokens(bench))
    modules = [b.name for a, b in itertools.pairwise(stream) if a.kind == TokenKind.ModuleKeyword]
    mentions = Counter(t.name for t in stream if t.kind == TokenKind.Identifier)
    return next((name for name in reversed(modules) if mentions[name] == 1), "tb")


def _marked(bench: str, top: str) -> str:
    """Return the bench with places for a run's names: before each line that it prints, and where it names `top`."""
    parts, at, printing = [], 0, 0
    for token in tokens(bench):
        if token.text in _PRINTS:
            printing = 2
        elif printing and token.kind == TokenKind.StringLiteral:
            lines = token.text[1:].replace("\\n", f"\\n{_NONCE}")
            parts += [bench[at : token.start], f'"{_NONCE}{lines}']
            at, printing = token.end, 0
        elif token.kind == TokenKind.Identifier and token.name == top:
            parts += [bench[at : token.start], _TOP]
            at = token.end
        else:
            printing = max(printing - 1, 0)
    return "".join([*parts, bench[at:]])


@dataclasses.dataclass(frozen=True, slots=True)
class _Printed:
    """The lines that the bench printed, without the prefix; all others; the CPU seconds of the simulation."""

    own: tuple[str, ...]
    foreign: tuple[str, ...]
    cpu: float


def _run_strict(
    task: Task, bench: str, root: str, design: tuple[str, str], limits: Limits, shop: Shop
) -> _Printed | Finding:
    """Run `design`, its code and the name of its top module, under the prepared bench, whose own top is `root`."""
    code, top = design
    nonce = secrets.token_hex(8)
    source = f"{bench.replace(_TOP, spell(top)).replace(_NONCE, nonce)}\n{code}\n"
    with _folder(shop, [*task.files, ("design.v", source), ("root.conf", f"root:{root}\n")]) as folder:
        compiling = limits if shop.tools.base else dataclasses.replace(limits, processes=None)
        compiled = run(compile_argv(shop, root), folder, compiling, lifeline=shop.lifeline)
        if compiled.status != 0 or not (folder / "design.vvp").exists():
            return _failed("compile", compiled, _text(folder, "stderr.txt") + _text(folder, "stdout.txt"))
        ran = run([shop.tools.vvp, "-n", "design.vvp", "-none"], folder, limits, lifeline=shop.lifeline)
        if ran.stop is not Stop.EXIT:
            return _failed("run", ran, _text(folder, "stderr.txt"))
        lines = _text(folder, "stdout.txt").splitlines()
    own = [line.replace(nonce, "").strip() for line in lines if nonce in line]
    foreign = [line for line in lines if nonce not in line and not line.startswith(_NOISE)]
    return _Printed(tuple(line for line in own if line), tuple(foreign), ran.cpu)


def _failed(stage: str, finished: Finished, message: str) -> Finding:
    """Return what a run that gave no output of the bench says about the design."""
    lines = [line for line in message.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line or "sorry" in line] or lines or [f"status {finished.status}"]
    found = Run(stage, finished.stop, finished.cpu, (), errors[0][:MAX_DETAIL])
    if found.failed:
        return Finding(Outcome.TOOL_ERROR, f"Icarus Verilog failed ({stage}, {finished.stop}): {found.message}")
    return Finding(*explain(found))


def _run_suite(task: Task, rule: Rule, completion: str, limits: Limits, shop: Shop) -> Log | Finding:
    """Compile and run a completion as the suite does; a Finding where our own limits ended it."""
    sources = [(Path(name).name, text) for name, text in rule.sources(task, completion)]
    with _folder(shop, [*task.files, *sources]) as folder:
        argv = [shop.tools.iverilog, *rule.flags, "-o", "test.vvp", *(name for name, _ in sources)]
        compiled = run(argv, folder, dataclasses.replace(limits, processes=None), "compiler.txt", shop.lifeline)
        said = _text(folder, "stderr.txt")
        if compiled.status != 0 and not said:
            said = f"the compiler ended with status {compiled.status}\n"
        ready = compiled.status == 0 and (folder / "test.vvp").exists()
        log = Log(ready, compiled.stop is Stop.TIMEOUT, said + _text(folder, "compiler.txt"), "", "", said)
        if not ready or compiled.stop is not Stop.EXIT:
            return log
        ran = run([shop.tools.vvp, "-n", "test.vvp", "-none"], folder, limits, lifeline=shop.lifeline)
        if ran.stop is Stop.OUTPUT:
            return Finding(Outcome.OUTPUT_LIMIT, "wrote more than the output limit")
        errors = _text(folder, "stderr.txt") + ("the simulation crashed\n" if ran.stop is Stop.CRASH else "")
        output, late = _text(folder, "stdout.txt"), ran.stop is Stop.TIMEOUT
        return dataclasses.replace(log, timed_out=late, errors=errors, output=output, stderr=said + errors)


@contextlib.contextmanager
def _folder(shop: Shop, files: Iterable[tuple[str, str]]) -> Iterator[Path]:
    """Give a private folder with `files` in it, which is deleted afterwards."""
    with tempfile.TemporaryDirectory(dir=shop.folder, prefix="run-", ignore_cleanup_errors=True) as name:
        for file, text in files:
            (Path(name) / Path(file).name).write_text(text, encoding="utf-8", errors="replace")
        yield Path(name)


def _text(folder: Path, name: str) -> str:
    return (folder / name).read_text(encoding="utf-8", errors="replace")
