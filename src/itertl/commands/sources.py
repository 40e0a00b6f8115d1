"""Verilog files that a user names on the command line."""

import dataclasses
import itertools
import os
from pathlib import Path

from pyslang.syntax import SyntaxKind

from itertl.commands.python_bench import is_python, read_bench
from itertl.errors import UsageError
from itertl.outcome import Outcome
from itertl.records import BenchKind, Task
from itertl.verify import VerifySettings
from itertl.verilog.extract import extract_module
from itertl.verilog.frontend import parse
from itertl.verilog.guard import Refusal, inspect
from itertl.verilog.header import KEYWORDS, top_first, tops
from itertl.verilog.macros import expanded
from itertl.verilog.tokens import to_ascii, tokens

MOST_BYTES = 8 << 20


def read_source(path: Path) -> str:
    """Return the text of a Verilog file; raise UsageError where it is none, or empty."""
    try:
        if path.is_dir():
            raise UsageError(f"{path} is a directory; expected a Verilog file")
        if path.stat().st_size > MOST_BYTES:
            raise UsageError(f"{path} is larger than {MOST_BYTES >> 20} MiB; expected a Verilog file")
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise UsageError(f"{path} does not exist; expected a Verilog file") from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    if b"\0" in data:
        raise UsageError(f"{path} is a binary file; expected Verilog text")
    return data.decode("utf-8", "replace")  # comments in other encodings are no reason to refuse a design


def task_of(reference: Path, top: str = "", design: str = "") -> Task:
    """Return the task that a reference on disk poses.

    Of several top modules, that one counts which `top` names, or else which the text `design` holds, too. Raise
    UsageError where there is no such module, or none can be chosen.
    """
    text = read_source(reference)
    free = tops(text)
    if not top and len(free) > 1:
        shared = [name for name in free if name in tops(design)]
        if len(shared) != 1:
            raise UsageError(f"{reference} holds several top modules, {', '.join(free)}: choose one with --top")
        top = shared[0]
    code, header, found = top_first(text, top)
    if not header:
        raise UsageError(f"{reference} holds no module; expected the reference design")
    if top and found != top:
        raise UsageError(f"{reference} holds no module {top}; its top module is {found}")
    if not extract_module(code, header, found):
        raise UsageError(f"{reference} holds no complete module {found}; does it end with endmodule?")
    return Task(str(reference), "", header, code, found)


@dataclasses.dataclass(frozen=True, slots=True)
class Around:
    """What a design is judged against: one reference, or the module `top` of a project."""

    references: tuple[Path, ...] = ()
    filelists: tuple[Path, ...] = ()
    include: tuple[Path, ...] = ()
    defines: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    top: str = ""

    def task(self, design: str) -> Task:
        """Return the task for the text of a design; raise UsageError where nothing, or more than one, fits.

        A reference with what no candidate may hold, such as reports or delays, is trusted as a project of one file.
        """
        more, top = self.filelists or self.include or self.defines or self.parameters, self.top
        if len(self.references) == 1 and not more and not self.references[0].is_dir():
            task = task_of(self.references[0], top, design)
            refused = inspect(task.reference, task.top, None)
            if not isinstance(refused, Refusal) or refused.outcome is not Outcome.REJECTED:
                return task
            top = task.top
        from itertl.projects.filelists import gather
        from itertl.projects.load import read_project

        named = (self.references, self.filelists, self.include, self.defines, self.parameters)
        return read_project(gather(*named, top), design)

    def __str__(self) -> str:
        """Name the files."""
        return ", ".join(map(str, (*self.references, *self.filelists)))


def task_of_bench(testbench: Path, text: str, top: str = "", instruction: str = "", header: str = "") -> Task:
    """Return the task that a testbench alone poses for the design in `text`; raise UsageError where it tests none.

    The module is the one that the bench instantiates and does not hold, its header `header`, or else the design's own;
    a bench in Python names none, and tests the design's top module.
    """
    bench = read_source(testbench)
    if is_python(testbench):
        return _task_of_python(testbench, bench, text, top, instruction, header)
    top = top or under_test(bench)
    if not top:
        raise UsageError(f"{testbench} instantiates no module that it does not hold itself: name it with --top")
    code = extract_module(text, "", top)
    header = header or (top_first(code, top)[1] if top in modules_of(code) else "")
    return Task(str(testbench), instruction, header, "", top, testbench=bench)


def _task_of_python(testbench: Path, bench: str, text: str, top: str, instruction: str, header: str) -> Task:
    files = read_bench(testbench, bench)
    code = extract_module(text, header, top)
    if not top:
        free = tops(code)
        if len(free) > 1:
            raise UsageError(f"the design holds several top modules, {', '.join(free)}: choose one with --top")
        top = free[0] if free else ""
    if not top:
        lacks = "the design holds no module" if text else "give its header with --header"
        raise UsageError(f"{testbench} does not say which module it tests, as no bench in Python does: {lacks}")
    if text and top not in modules_of(code):
        raise UsageError(f"the design holds no module {top}, which --top names")
    header = header or (top_first(code, top)[1] if top in modules_of(code) else "")
    return Task(str(testbench), instruction, header, "", top, testbench=bench, files=files, bench="cocotb")


def under_test(bench: str) -> str:
    """Return the module that a bench instantiates and does not hold, "" where there is none."""
    tree = parse(to_ascii(expanded(bench)))
    held = modules_of(bench)
    found: list[str] = []
    tree.root.visit(lookup_table={SyntaxKind.HierarchyInstantiation: lambda node: found.append(node.type.valueText)})
    return next((name for name in found if name not in held), "")


def modules_of(text: str) -> set[str]:
    """Return the names of the modules that a text declares."""
    return {b.name for a, b in itertools.pairwise(tokens(text)) if a.text in KEYWORDS}


def check_output(path: Path | None) -> None:
    """Raise UsageError where a file cannot be written because of its place."""
    above = path.absolute().parent if path is not None else None
    if (
        above is not None
        and path is not None
        and (path.is_dir() or not above.is_dir() or not os.access(above, os.W_OK))
    ):
        raise UsageError(f"{path} cannot be written: expected a file in a folder that exists")


def check_folder(path: Path | None) -> None:
    """Raise UsageError where a folder cannot be made, or written to, because of its place."""
    if path is None:
        return
    above = next(place for place in (path.absolute(), *path.absolute().parents) if place.exists())
    if not above.is_dir() or not os.access(above, os.W_OK):
        raise UsageError(f"{path} cannot be made: {above} is no folder that can be written to")


def kind_of(testbench: Path | None) -> BenchKind:
    """Return what a testbench is written in, by its name."""
    return "cocotb" if testbench is not None and is_python(testbench) else "verilog"


def refuse_rule(rule: str) -> None:
    """Raise UsageError where a rule is to read a bench in Python, which prints no verdict."""
    if rule:
        raise UsageError("--rule says how what a bench prints is read; one in Python prints no verdict: leave it out")


def posed_with(task: Task, path: Path, rule: str) -> Task:
    """Return the task with the caller's testbench, read by the rule of that name; raise UsageError for a wrong call."""
    from itertl.suites.find import find_rule

    text = read_source(path)
    if not is_python(path):
        return dataclasses.replace(task, testbench=text, rule=find_rule(rule))
    refuse_rule(rule)
    return dataclasses.replace(task, testbench=text, files=read_bench(path, text), bench="cocotb")


def with_testbench(task: Task, path: Path, rule: str, settings: VerifySettings) -> Task:
    """Return the task with the caller's testbench, read by `rule`; raise UsageError where it is of no use."""
    from itertl.verify.official.verdicts import check_bench

    bench = posed_with(task, path, rule)
    if fault := check_bench(bench, settings):
        whose = "" if bench.bench == "cocotb" else "the reference does not pass it: "
        raise UsageError(f"the testbench {path} cannot serve: {whose}{fault}")
    return bench
