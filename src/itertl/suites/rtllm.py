"""RTLLM as tasks, from its publisher's folders (github.com/hkust-zhiyao/RTLLM, MIT licence).

    read_rtllm(Path("RTLLM"))

A design is a folder with design_description.txt, testbench.v, the reference (verified_*.v) and the data files that some
benches read. The reference's top module gets the name under which the bench instantiates it. The rule is auto_run.py's:
what prints "Pass" passes; how code is taken out of an answer is left to the user, here by its first fenced block.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from pyslang.syntax import SyntaxKind

from itertl.errors import DataError, UsageError
from itertl.outcome import Outcome
from itertl.records import Task
from itertl.suites.suite import Source, Suite
from itertl.verify.official.rules import Log, Reading, Rule, Ruling, fenced, first_line, not_run
from itertl.verilog.frontend import parse
from itertl.verilog.header import rename_module, top_first

DESIGNS_V1_1 = (
    "JC_counter", "RAM", "accu", "adder_16bit", "adder_32bit", "adder_8bit", "adder_pipe_64bit", "alu", "asyn_fifo",
    "calendar", "counter_12", "div_16bit", "edge_detect", "freq_div", "fsm", "multi_16bit", "multi_booth_8bit",
    "multi_pipe_4bit", "multi_pipe_8bit", "parallel2serial", "pe", "pulse_detect", "radix2_div", "right_shifter",
    "serial2parallel", "signal_generator", "synchronizer", "traffic_light", "width_8to16",
)  # fmt: skip
_PASS_WORDS = ("Pass", "pass")
_NO_DATA = ("design_description.txt", "testbench.v", "makefile", "LLM_generated_verilog.v")


def read_rtllm(folder: Path, only: Sequence[str] = ()) -> list[Task]:
    """Read the designs below `folder`, by name: all, or `only` those; raise UsageError where they are not there."""
    designs = [path.parent for path in sorted(folder.rglob("design_description.txt"))]
    if not designs:
        raise UsageError(f"{folder} holds no design_description.txt; expected a checkout of RTLLM")
    if only:  # the repository of version 1.1 holds answers of models beside the designs
        designs = [design for design in designs if design.name in only]
        if missing := sorted({*only} - {design.name for design in designs}):
            raise UsageError(f"{folder} lacks the designs {', '.join(missing)}; expected RTLLM at its version 1.1")
    tasks = [_read(design) for design in designs]
    return sorted(tasks, key=lambda task: task.id)


def _read(folder: Path) -> Task:
    bench = _text(folder / "testbench.v")
    found = sorted(folder.glob("verified_*.v")) or [p for p in folder.glob("*.v") if p.name not in _NO_DATA]
    if len(found) != 1:
        raise DataError(f"{folder} holds {len(found)} files that could be the reference; expected verified_*.v")
    top = _instantiated(bench, folder)
    text = _text(found[0])
    _, _, own = top_first(text)
    reference, header, _ = top_first(rename_module(text, own, top), top)
    data = sorted(
        p for p in folder.iterdir() if p.is_file() and p.suffix in (".txt", ".dat") and p.name not in _NO_DATA
    )
    return Task(
        id=folder.name,
        instruction=_text(folder / "design_description.txt").strip(),
        header=header,
        reference=reference,
        top=top,
        testbench=bench,
        tags=tuple(f"category:{part}" for part in folder.parts[-3:-1]),
        files=tuple((p.name, _text(p)) for p in data),
    )


def _instantiated(bench: str, folder: Path) -> str:
    """Return the one module that the bench instantiates and does not declare."""
    used: dict[str, None] = {}
    declared: set[str] = set()

    def see_instance(node: object) -> None:
        used[node.type.valueText] = None  # type: ignore[attr-defined]

    def see_module(node: object) -> None:
        declared.add(node.header.name.valueText)  # type: ignore[attr-defined]

    table = {SyntaxKind.HierarchyInstantiation: see_instance, SyntaxKind.ModuleDeclaration: see_module}
    parse(bench).root.visit(lookup_table=table)
    missing = [name for name in used if name not in declared]
    if len(missing) != 1:
        raise DataError(f"{folder}/testbench.v instantiates {missing or 'nothing'}; expected the one design")
    return missing[0]


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def read_pass_word(lines: Sequence[str]) -> Reading:
    """Read a bench, which prints a line with "Pass" for a right design, something else for a wrong one."""
    found = [line for line in lines if any(word in line for word in _PASS_WORDS)]
    return Reading(len(found), bool(found))


def _decide(log: Log) -> Ruling:
    """Decide as the script: compiled, ended in time, and "Pass" or "pass" somewhere on standard output."""
    if (failed := not_run(log)) is not None:
        return failed
    if any(word in log.output for word in _PASS_WORDS):
        return Ruling(Outcome.PASSED)
    return Ruling(Outcome.MISMATCH, f"no word of passing: {first_line(log.output)}")


RULE = Rule(
    lambda task, text: [("testbench.v", task.testbench), ("design.v", fenced(text))],
    ("-g2012",),
    8.0,
    _decide,
    read_pass_word,
    same_ports=False,  # its descriptions leave ports out that its references have
)
_PATH = "itertl.suites.rtllm:RULE"
_REPOSITORY, _SUFFIXES = "hkust-zhiyao/RTLLM", (".txt", ".v", ".dat")
V1_1 = Suite(
    name="rtllm-v1.1",
    place="rtllm-v1.1",
    read=partial(read_rtllm, only=DESIGNS_V1_1),
    rule=_PATH,
    source=Source(
        folder="rtllm-v1.1",
        repository=_REPOSITORY,
        commit="6b3b9bcde4fa91f53b9c53a48783c27afc5e0303",
        places=tuple((design, design) for design in DESIGNS_V1_1),
        suffixes=_SUFFIXES,
    ),
)
V2 = Suite(
    name="rtllm-v2",
    place="rtllm-v2",
    read=read_rtllm,
    rule=_PATH,
    source=Source(
        folder="rtllm-v2",
        repository=_REPOSITORY,
        commit="41b26896e33b536940116a975626455eed3de65e",
        places=tuple((folder, folder) for folder in ("Arithmetic", "Control", "Memory", "Miscellaneous")),
        suffixes=_SUFFIXES,
        checksum="0085d8aeb2f84f19d5d2e247c9742a194760b1381754fdce986a90099f55dda5",
    ),
    errata="rtllm-v2.json",
)
