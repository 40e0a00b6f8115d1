"""What runs under benches share: limits, a folder, the preprocessor, and what a run that was stopped says.

with run_folder(shop, [("design.v", code)]) as folder: ...          failed("run", finished, message)  ->  Ruling
"""

import contextlib
import dataclasses
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from itertl.outcome import Outcome, Reason
from itertl.records import Task, Verdict
from itertl.tools.icarus import Run, located_in_source, tells_no_memory
from itertl.tools.process import Finished, Limits, run
from itertl.tools.sandbox.levels import level
from itertl.tools.shop import Shop
from itertl.verify.ended import explain
from itertl.verify.judge import tool_line
from itertl.verify.judged import Judged
from itertl.verify.official.rules import Ruling
from itertl.verilog.frontend import MAX_DETAIL

REFERENCE_CPU = 60.0  # seconds that a reference may take under a bench
ALONE_CPU = 10.0  # seconds that a design may take under a bench without a reference


def judged_as(task_id: str, name: str, ruling: Ruling, seconds: float, tools: str = "") -> Judged[Verdict]:
    """Return a ruling on the design `name` as what a worker answers; `tools` are those beside the simulator."""
    detail = ruling.detail[:MAX_DETAIL]
    share = 1.0 - ruling.mismatches / ruling.samples if ruling.samples else float(ruling.outcome is Outcome.PASSED)
    evidence = (seconds, f"{tool_line()}, {tools}" if tools else tool_line(), level())
    verdict = Verdict(task_id, name, ruling.outcome, share, detail, *evidence, reason=ruling.reason)
    return Judged(verdict, ruling.samples, ruling.mismatches)


def judged_each(
    task: Task, designs: Iterable[tuple[str, str]], rule: Callable[[str], Ruling], tools: str = ""
) -> list[Judged[Verdict]]:
    """Return what `rule` says of the code of each of `designs` = (name, code), in their order, with its seconds."""
    judged = []
    for name, code in designs:
        started = time.perf_counter()
        ruling = rule(code)
        judged.append(judged_as(task.id, name, ruling, time.perf_counter() - started, tools))
    return judged


def unfit(why: str) -> Ruling:
    """Return the ruling on every design of a task whose bench cannot judge."""
    return Ruling(Outcome.TOOL_ERROR, why, reason=Reason.UNFIT_REFERENCE)


def preprocessed(source: str, limits: Limits, shop: Shop) -> str:
    """Return `source` with its macros expanded and its conditionals decided, "" where that fails."""
    with run_folder(shop, [("source.v", source)]) as folder:
        argv = [shop.tools.iverilog, "-g2012", "-E", "-o", "expanded.v", "source.v"]
        run(argv, folder, dataclasses.replace(limits, processes=None), lifeline=shop.lifeline)
        expanded = folder / "expanded.v"
        return expanded.read_text(encoding="utf-8", errors="replace") if expanded.exists() else ""


def failed(stage: str, finished: Finished, message: str) -> Ruling:
    """Return what a run that gave no output of the bench says about the design."""
    lines = [line for line in message.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line or "sorry" in line] or lines or [f"status {finished.status}"]
    first, located, memory = errors[0][:MAX_DETAIL], located_in_source(errors[0]), tells_no_memory(errors[0])
    found = Run(stage, finished.stop, finished.cpu, (), first, located=located, out_of_memory=memory)
    if found.failed:
        return Ruling(Outcome.TOOL_ERROR, f"Icarus Verilog failed ({stage}, {finished.stop}): {found.message}")
    said = explain(found)
    return Ruling(said.outcome, said.detail, reason=said.reason)


@contextlib.contextmanager
def run_folder(shop: Shop, files: Iterable[tuple[str, str]]) -> Iterator[Path]:
    """Give a private folder with `files` in it, which is deleted afterwards."""
    with tempfile.TemporaryDirectory(dir=shop.folder, prefix="run-", ignore_cleanup_errors=True) as name:
        for file, text in files:
            (Path(name) / Path(file).name).write_text(text, encoding="utf-8", errors="replace")
        yield Path(name)


def text_of(folder: Path, name: str) -> str:
    """Return the text of a file of a run."""
    return (folder / name).read_text(encoding="utf-8", errors="replace")
