"""Testbenches that a user names on the command line: the tasks that they pose, alone or beside a reference."""

import dataclasses
import itertools
from pathlib import Path

from pyslang.syntax import SyntaxKind

from itertl.commands.python_bench import is_python, read_bench
from itertl.commands.sources import read_source
from itertl.errors import UsageError
from itertl.records import Task
from itertl.verify import VerifySettings
from itertl.verilog.extract import extract_module
from itertl.verilog.frontend import parse
from itertl.verilog.header import KEYWORDS, top_first, tops
from itertl.verilog.macros import expanded
from itertl.verilog.tokens import to_ascii, tokens


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


def refuse_rule(rule: str, whole: bool = False) -> None:
    """Raise UsageError where --rule or --whole is to read a bench in Python, which prints no verdict."""
    if rule or whole:
        option = "--rule" if rule else "--whole"
        raise UsageError(
            f"{option} says how what a bench prints is read; one in Python prints no verdict: leave it out"
        )


def with_testbench(task: Task, path: Path, rule: str, whole: bool = False) -> Task:
    """Return the task with the caller's testbench, read by the rule of that name; raise UsageError for a wrong call."""
    from itertl.suites.find import find_rule

    text = read_source(path)
    if not is_python(path):
        return dataclasses.replace(task, testbench=text, rule=find_rule(rule, whole))
    refuse_rule(rule, whole)
    return dataclasses.replace(task, testbench=text, files=read_bench(path, text), bench="cocotb")


def require_fit(task: Task, path: Path, settings: VerifySettings) -> None:
    """Raise UsageError where the testbench of `task`, which is `path`, is of no use."""
    from itertl.verify.official.verdicts import check_bench

    if fault := check_bench(task, settings):
        whose = "" if task.bench == "cocotb" else "the reference does not pass it: "
        raise UsageError(f"the testbench {path} cannot serve: {whose}{fault}")
