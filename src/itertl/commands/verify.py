"""`itertl verify DESIGN`: one design against a reference, told in words, as a waveform, as JSON and as a VCD file."""

import dataclasses
import json
import re
from pathlib import Path

from rich.console import Console

from itertl.commands.benches import refuse_rule, require_fit, task_of_bench, with_testbench
from itertl.commands.outputs import WAVES, check_output
from itertl.commands.sources import Around, read_design
from itertl.errors import UsageError
from itertl.outcome import Outcome
from itertl.records import Submission, Task, TestbenchVerdict, Verdict
from itertl.report.waveform import waveform, write_vcd
from itertl.verify import VerifySettings, check_reference, with_cross_check
from itertl.verify.replay import Replay, replay
from itertl.verify.settings import CrossCheck
from itertl.verilog.extract import NO_MODULE, Extract, extract, why_empty
from itertl.words import counted

STATUS = {Outcome.PASSED: 0, Outcome.TOOL_ERROR: 3, Outcome.UNSUPPORTED: 4}  # 1 for every other outcome
BLIND = (Outcome.EMPTY, Outcome.TOOL_ERROR)  # what is said, or may be, of a reference that cannot serve
NOTHING = "there is no complete module in it, from `module` to `endmodule`"
FORMAL = {
    "proved": "formal: proved equal for every input",
    "refuted": "formal: refuted by inputs that the bench does not drive",
    "conflict": "formal: conflict of tools, Yosys sees a difference that no simulation shows",
    "unknown": "formal: unknown, neither proved nor refuted in the time it may take",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """What the caller wants: `vcd` is a file for the waves, `testbench` a further bench, `rule` how that one speaks.

    With `whole` a module of the design's own is judged without the header that `rule` pastes before it.
    """

    as_json: bool = False
    vcd: Path | None = None
    testbench: Path | None = None
    rule: str = ""
    formal: bool = False
    cross_check: CrossCheck = "references"
    whole: bool = False


def verify_one(design: Path, around: Around, asked: Asked, console: Console) -> int:
    """Judge one design by a reference or a project, or by a testbench where there is neither; return the exit status.

    Raise UsageError for options that a testbench alone cannot answer, or that need one.
    """
    if (asked.rule or asked.whole) and asked.testbench is None:
        option = "--rule" if asked.rule else "--whole"
        raise UsageError(f"{option} says how a bench is read: give the bench with --testbench")
    if around.references or around.filelists:
        return verify_design(design, around, asked, console)
    if around.include or around.defines or around.parameters or asked.vcd or asked.formal:
        raise UsageError("-I, -D, -P, --vcd and --formal need a reference: give --reference or --filelist, too")
    return verify_by_bench(design, around.top, asked, console)


def verify_design(design: Path, reference: Around, asked: Asked, console: Console) -> int:
    """Verify one design against a reference and print the verdict; return the exit status that tells it.

    0 passed (the testbench, too, where there is one), 1 not passed, 3 a tool failed, 4 beyond the simulator. Raise
    UsageError where a file cannot be read, or the reference or the testbench cannot serve.
    """
    if asked.vcd is not None:
        check_output(asked.vcd, WAVES, (design, asked.testbench, *reference.files()))
    text = read_design(design)
    task = reference.task(text)
    bench = with_testbench(task, asked.testbench, asked.rule, asked.whole) if asked.testbench else None
    settings = with_cross_check(VerifySettings(formal=asked.formal, own_bench=True), asked.cross_check)
    found = extract(text, task.header, task.top, task.project)
    result = _in_the_file(replay(task, found.code, settings), found)
    if fault := _unfit(result.verdict, task, settings):
        raise UsageError(f"the reference {reference} cannot serve: {fault}")
    said = None
    if bench and asked.testbench:
        require_fit(bench, asked.testbench, settings)
        said = _by_testbench(bench, text, settings)
    if asked.as_json:
        row = result.verdict.to_dict() | ({"testbench": said.to_dict()} if said else {})
        console.print_json(json.dumps(row))
    else:
        _tell(task, result, text, console)
        if which := _which(found, task.top):
            console.print(which, highlight=False, markup=False, soft_wrap=True)
        if bench and said:
            _tell_bench(said, bench, console)
            if bench.bench == "cocotb" and said.strict is not Outcome.PASSED:
                console.print(said.strict_detail, highlight=False, markup=False, soft_wrap=True)
    if asked.vcd is not None:
        _keep_waves(result, asked, console)
    outcomes = [result.verdict.outcome, *([said.strict] if said else [])]
    return max(STATUS.get(outcome, 1) for outcome in outcomes)


def _unfit(verdict: Verdict, task: Task, settings: VerifySettings) -> str:
    """Return why the reference cannot serve, "" where it can, or where the verdict says something else."""
    if verdict.outcome is Outcome.TOOL_ERROR and verdict.reason is not None:
        return verdict.detail
    return (check_reference(task, settings) or "") if verdict.outcome in BLIND else ""


def verify_by_bench(design: Path, top: str, asked: Asked, console: Console) -> int:
    """Judge one design by a testbench alone, and print what that says; return the exit status that tells it."""
    from itertl.suites.find import find_rule

    assert asked.testbench is not None
    text, settings = read_design(design), VerifySettings(own_bench=True)
    task = task_of_bench(asked.testbench, text, top)
    if task.bench == "cocotb":
        refuse_rule(asked.rule, asked.whole)
    task = dataclasses.replace(task, rule=find_rule(asked.rule, asked.whole))
    verdict, weak = _tried(task, text, settings)
    if weak and "passes a design" not in weak:
        raise UsageError(f"the testbench {asked.testbench} cannot serve: {weak}")
    if verdict is None:  # a bench that a constant passes may still be right for a constant design
        task = dataclasses.replace(task, header="") if weak else task
        verdict = _by_testbench(task, text, settings)
    if asked.as_json:
        console.print_json(json.dumps(verdict.to_dict() | ({"weak": weak} if weak else {})))
    else:
        _tell_bench(verdict, task, console)
        if verdict.strict is not Outcome.PASSED:
            console.print(verdict.strict_detail, highlight=False, markup=False, soft_wrap=True)
        if weak:
            console.print(f"weak: {weak}", highlight=False, markup=False, soft_wrap=True)
    return STATUS.get(verdict.strict, 1)


def _tried(task: Task, text: str, settings: VerifySettings) -> tuple[TestbenchVerdict | None, str]:
    """Return what is wrong with a bench, "" for nothing, and the verdict where that is found out by judging."""
    from itertl.verify.official.verdicts import check_bench, unfit

    if task.bench == "verilog":
        return None, check_bench(task, settings)
    verdict = _by_testbench(task, text, settings)
    weak = unfit(verdict)
    return (None if weak else verdict), weak


def _by_testbench(task: Task, text: str, settings: VerifySettings) -> TestbenchVerdict:
    """Return what the task's testbench says about the design."""
    from itertl.verify.official.verdicts import verify_testbench

    (verdict,) = verify_testbench([Submission.of(task, text)], [task], settings)
    return verdict


def _tell_bench(verdict: TestbenchVerdict, task: Task, console: Console) -> None:
    passed = verdict.strict is Outcome.PASSED
    wrong, looks = counted(verdict.mismatches, "mismatches"), counted(verdict.samples, "samples")
    facts = f", {wrong} in {looks}" if verdict.samples else ""
    if task.bench == "cocotb" and verdict.samples:
        facts = f", {verdict.samples - verdict.mismatches} of {counted(verdict.samples, 'tests')} pass"
    console.print(f"testbench: [{'green' if passed else 'red'}]{verdict.strict.value}[/]{facts}", highlight=False)
    if verdict.official is not verdict.strict:
        said = f"its own output alone would say {verdict.official.value}: {verdict.official_detail}"
        console.print(f"           {said}", highlight=False, markup=False, soft_wrap=True)


def _in_the_file(result: Replay, found: Extract) -> Replay:
    """Return the result with lines of the user's own file in its detail, in place of those of the extracted design."""

    def place(line: re.Match[str]) -> str:
        number = int(line[1])
        own = found.lines[number - 1] if 0 < number <= len(found.lines) else 0
        return f"line {own}" if own else line[0]

    detail = re.sub(r"\bline (\d+)(?=:)", place, result.verdict.detail)
    return dataclasses.replace(result, verdict=dataclasses.replace(result.verdict, detail=detail))


def _which(found: Extract, top: str) -> str:
    """Return which module of several is judged, "" where there is no choice."""
    versions = found.modules.get(top, 0)
    if not versions or len(found.modules) == 1 == versions:
        return ""
    last = f"the last of {versions} modules {top}" if versions > 1 else f"module {top}"
    line = next(
        (line for line, text in zip(found.lines, found.code.split("\n"), strict=True) if top in text and line), 0
    )
    return f"judged: {last}" + (f", line {line}" if line else "")


def _tell(task: Task, result: Replay, text: str, console: Console) -> None:
    verdict = result.verdict
    style = "bold green" if verdict.passed else "bold red"
    console.print(f"[{style}]{verdict.outcome.value}[/]", end=": ", highlight=False)
    said = why_empty(text) if verdict.outcome is Outcome.EMPTY else verdict.detail or _praise(task, result)
    said = NOTHING if said == NO_MODULE else said
    console.print(said, highlight=False, markup=False, soft_wrap=True)
    if verdict.formal:
        console.print(FORMAL.get(verdict.formal, verdict.formal), highlight=False)
    if verdict.unexercised:
        console.print(f"not exercised: {'; '.join(verdict.unexercised)}", highlight=False, markup=False, soft_wrap=True)
    if verdict.outcome is Outcome.MISMATCH:
        if verdict.formal != "refuted":
            console.print(_agreement(verdict), highlight=False, markup=False)
        unicode = (console.encoding or "").lower().startswith("utf")
        if waves := waveform(result, console.width, unicode):
            console.print()
            console.print(waves, soft_wrap=True)


def _praise(task: Task, result: Replay) -> str:
    moments = len(result.samples)
    cycles = f" in {counted(result.samples[-1].cycle + 1, 'cycles')} of {result.clock}" if result.clock else ""
    return f"every output bit of {task.top} that the reference defines agrees, at {counted(moments, 'moments')}{cycles}"


def _agreement(verdict: Verdict) -> str:
    outputs = ", ".join(f"{name} {_percent(share)}" for name, share in verdict.outputs.items())
    return f"agreement {_percent(verdict.agreement)} of the compared bits" + (f": {outputs}" if outputs else "")


def _percent(share: float) -> str:
    """Return a share in percent that reads 100 only where it is 1."""
    return "100 %" if share == 1.0 else f"{min(100.0 * share, 99.9):.1f} %"


def _keep_waves(result: Replay, asked: Asked, console: Console) -> None:
    if asked.vcd is None or asked.as_json:
        said = ""
    elif result.samples:
        said = f"waves: {asked.vcd}"
    else:
        said = f"no waves: nothing was simulated, so {asked.vcd} is not written"
    if asked.vcd is not None and result.samples:
        write_vcd(result, asked.vcd)
    if said:
        console.print(said, highlight=False, markup=False, soft_wrap=True)
