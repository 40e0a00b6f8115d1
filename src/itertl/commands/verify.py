"""`itertl verify DESIGN`: one design against a reference, told in words, as a waveform, as JSON and as a VCD file."""

import dataclasses
from pathlib import Path

from rich.console import Console

from itertl.commands.sources import read_source, task_of
from itertl.errors import UsageError
from itertl.records import Outcome, Task, Verdict
from itertl.verify import VerifySettings, check_reference, extract_module
from itertl.verify.replay import Replay, replay
from itertl.verify.waveform import waveform, write_vcd

STATUS = {Outcome.PASSED: 0, Outcome.TOOL_ERROR: 3}  # 1 for every other outcome


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """What the caller wants to see of the verdict: `vcd` is a file for the waves, None for none."""

    as_json: bool = False
    vcd: Path | None = None
    top: str = ""


def verify_design(design: Path, reference: Path, asked: Asked, console: Console) -> int:
    """Verify one design against a reference and print the verdict; return the exit status that tells it.

    0 passed, 1 not passed, 3 a tool failed. Raise UsageError where a file cannot be read or the reference fails.
    """
    text, task = read_source(design), task_of(reference, asked.top)
    settings = VerifySettings()
    if fault := check_reference(task, settings):
        raise UsageError(f"the reference {reference} cannot serve: {fault}")
    result = replay(task, extract_module(text, task.header, task.top), settings)
    if asked.as_json:
        console.print_json(result.verdict.to_json())
    else:
        _tell(task, result, console)
    if asked.vcd is not None:
        _keep_waves(result, asked, console)
    return STATUS.get(result.verdict.outcome, 1)


def _tell(task: Task, result: Replay, console: Console) -> None:
    verdict = result.verdict
    style = "bold green" if verdict.passed else "bold red"
    console.print(f"[{style}]{verdict.outcome.value}[/]", end=": ", highlight=False)
    console.print(verdict.detail or _praise(task, result), highlight=False, markup=False, soft_wrap=True)
    if verdict.outcome is Outcome.MISMATCH:
        console.print(_agreement(verdict), highlight=False, markup=False)
        unicode = (console.encoding or "").lower().startswith("utf")
        console.print()
        console.print(waveform(result, console.width, unicode), soft_wrap=True)


def _praise(task: Task, result: Replay) -> str:
    moments = len(result.samples)
    cycles = f" in {result.samples[-1].cycle + 1} cycles of {result.clock}" if result.clock else ""
    return f"every output bit of {task.top} that the reference defines agrees, at {moments} moments{cycles}"


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
