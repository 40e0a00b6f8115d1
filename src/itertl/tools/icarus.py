"""Icarus Verilog: argv lists, one compile and one run, and the trace that comes back.

    simulate(Piece(parts, root, stimuli, lines, nonce), shop, compiling, running)  ->  Run

`ivl`, the compiler proper, is called directly where it is found beside `iverilog`: the driver around it costs as much
as the compilation, writes into the system's temporary folder and starts a shell.
"""

import bisect
import dataclasses
import itertools
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from itertl.outcome import Reason
from itertl.tools.built import built
from itertl.tools.process import Finished, Limits, Stop, run
from itertl.tools.shop import Shop
from itertl.verilog.frontend import MAX_DETAIL
from itertl.verilog.tree import Tree, difference

_ERROR = re.compile(r"^design\.v:(\d+): (.*(?:error|sorry).*)$", re.MULTILINE)
_NO_MEMORY = re.compile(r"bad_alloc|out of (dynamic )?memory|allocate memory|memory exhausted")
_START = 0.003  # seconds of CPU time that a program of Icarus Verilog takes for nothing: what runs share, each counts
_LOCATED = "design.v:"  # how a compiler's message begins that says where in the source the fault is
_UNREAD = re.compile(r"(\$readmem[bh]): Unable to open (.+) for reading")
_ABSENT = "has to lie beside a source, in the current folder or in a folder of includes"
_WARNINGS = ("WARNING: ", "         Time: ")  # Icarus 12 reports cases without a matching item on standard output


@dataclasses.dataclass(frozen=True, slots=True)
class Understood:
    """What the front-end has made of design `number`, whose modules are named with `prefix`."""

    number: int
    prefix: str
    tree: Tree


@dataclasses.dataclass(frozen=True, slots=True)
class Piece:
    """A bench with its designs: `parts` are the bench, module `root`, then each design.

    The bench reads `stimuli` from a file named after its nonce, and prints so many `lines`. `trees` says of instances
    in the bench what the front-end has found there.
    """

    parts: Sequence[str]
    root: str
    stimuli: str
    lines: int
    nonce: str
    trees: Mapping[str, Understood] = dataclasses.field(default_factory=dict)

    @property
    def size(self) -> int:
        """Characters of its source."""
        return sum(map(len, self.parts))


@dataclasses.dataclass(frozen=True, slots=True)
class Disbelief:
    """Why no trace of design `number` is believed, whatever it shows."""

    number: int
    reason: Reason
    detail: str

    @classmethod
    def drives(cls, number: int = 0) -> "Disbelief":
        """Return what is said of a design that drives one of its inputs."""
        return cls(number, Reason.DRIVES_INPUT, "drives an input: it held another value than the bench drives")


@dataclasses.dataclass(frozen=True, slots=True)
class Printed:
    """What the bench printed: traces as in `Run`, the numbers of the designs that drove an input, what is wrong."""

    traces: tuple[str, ...] = ()
    drivers: tuple[int, ...] = ()
    wrong: str = ""
    lacks_file: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Run:
    """One simulation: `stage` at which it ended (compile, run, done), the reason, and the traces.

    `traces` holds for each module what the bench has shown of its outputs as bits (0, 1, x, z), line after line.
    `message` is the tool's first error, or what is wrong with the output. `compile_cpu` and `cpu` are the CPU seconds
    of the compiler and of both programs. Of a run that did not compile, `at_fault` numbers the designs with errors, and
    `located` says that the message tells where in the source the fault is. Of a run that was stopped, `lines` counts
    what the bench had printed, and `last` is the last of it. `refused` are the designs of which no trace is believed.
    `out_of_memory`: the limit on memory was reached; `lacks_file`: trusted code reads a file that is not there.
    """

    stage: str
    stop: Stop
    cpu: float
    traces: tuple[str, ...] = ()
    message: str = ""
    compile_cpu: float = 0.0
    seconds: float = 0.0
    at_fault: tuple[int, ...] = ()
    lines: int = 0
    last: str = ""
    refused: tuple[Disbelief, ...] = ()
    located: bool = False
    out_of_memory: bool = False
    lacks_file: bool = False

    @property
    def complete(self) -> bool:
        """True if there are whole traces, and nothing speaks against believing them."""
        return self.stage == "done" and not self.message and not self.refused

    @property
    def failed(self) -> bool:
        """True if a tool has failed: nothing that is known of the run speaks about the designs."""
        if self.complete or self.refused or self.stop in (Stop.TIMEOUT, Stop.STUCK, Stop.OUTPUT):
            return False
        if self.out_of_memory or self.lacks_file:
            return False
        return self.stage != "compile" or not self.located  # ivl may crash behind an error


def compile_argv(shop: Shop, *roots: str) -> list[str]:
    """Return the command that compiles design.v, the modules `roots` and what is below them, in the current folder.

    Without a root, every module that is instantiated nowhere would run beside the bench.
    """
    base = shop.tools.base
    if base is None or shop.settings is None:
        chosen = [word for root in roots for word in ("-s", root)]
        return [shop.tools.iverilog, "-g2012", *chosen, "-o", "design.vvp", "design.v"]
    return [
        str(base / "ivl"),
        f"-C{shop.settings}",
        f"-C{base / 'vvp.conf'}",
        *(["-Croot.conf"] if roots else []),
        "--",
        "design.v",
    ]


def simulate(piece: Piece, shop: Shop, compiling: Limits, running: Limits, data: Sequence[tuple[str, str]] = ()) -> Run:
    """Compile and run a piece in a folder that is deleted afterwards.

    Where Icarus Verilog has built something else than its `trees` say, nothing is run. `data` are files, (name, text),
    that trusted modules read.
    """
    with tempfile.TemporaryDirectory(dir=shop.folder, prefix="run-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        for file, text in data:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(text, encoding="ascii", errors="replace")
        compiled, ready = _compile(folder, [piece], shop, compiling)
        if not ready:
            return _not_compiled(folder, compiled, piece.parts)
        if otherwise := read_otherwise(folder, piece.trees):
            return Run("done", Stop.EXIT, compiled.cpu, compile_cpu=compiled.cpu, refused=otherwise)
        ran = run([shop.tools.vvp, "-n", "design.vvp"], folder, running, lifeline=shop.lifeline)
        text = (folder / "stdout.txt").read_text(encoding="ascii", errors="replace")
        cpu = compiled.cpu + ran.cpu
        if ran.stop is not Stop.EXIT or ran.status != 0:
            printed = [line for line in text.split("\n")[:-1] if line.startswith(piece.nonce)]
            last = printed[-1].removeprefix(piece.nonce).strip() if printed else ""
            message = first_error(folder, ran)
            memory = tells_no_memory(message)
            return Run(
                "run", ran.stop, cpu, (), message, compiled.cpu, lines=len(printed), last=last, out_of_memory=memory
            )
    read = read_trace(text, len(piece.parts) - 1, piece.lines, piece.nonce)
    refused = tuple(map(Disbelief.drives, read.drivers))
    return Run(
        "done", Stop.EXIT, cpu, read.traces, read.wrong, compiled.cpu, refused=refused, lacks_file=read.lacks_file
    )


def simulate_together(
    pieces: Sequence[Piece], shop: Shop, compiling: Limits, running: Limits
) -> tuple[Run, ...] | None:
    """Compile and run benches that know nothing of each other as roots of one program, which none of them ends.

    Return the run of each, all of which are complete, or None where anything at all is not as it should be.
    """
    with tempfile.TemporaryDirectory(dir=shop.folder, prefix="run-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        compiled, ready = _compile(folder, pieces, shop, compiling)
        if not ready:
            return None
        trees = {instance: tree for piece in pieces for instance, tree in piece.trees.items()}
        if read_otherwise(folder, trees):
            return None
        ran = run([shop.tools.vvp, "-n", "design.vvp"], folder, running, lifeline=shop.lifeline)
        if ran.stop is not Stop.EXIT or ran.status != 0:
            return None
        text = (folder / "stdout.txt").read_text(encoding="ascii", errors="replace")
    printed: dict[str, list[str]] = {piece.nonce: [] for piece in pieces}
    for line in text.splitlines():
        if (own := printed.get(line.partition(" ")[0])) is not None:
            own.append(line)
        elif not line.startswith(_WARNINGS):
            return None
    source = sum(piece.size for piece in pieces)
    runs = []
    for piece in pieces:
        words = "\n".join(printed[piece.nonce])
        read = read_trace(words, len(piece.parts) - 1, piece.lines, piece.nonce)
        if read.drivers or read.wrong:
            return None
        cpu = max(_START, compiled.cpu * piece.size / source), max(_START, ran.cpu * len(words) / len(text))
        runs.append(Run("done", Stop.EXIT, sum(cpu), read.traces, compile_cpu=cpu[0]))
    return tuple(runs)


def _compile(folder: Path, pieces: Sequence[Piece], shop: Shop, limits: Limits) -> tuple[Finished, bool]:
    """Compile `pieces` in `folder`, where their stimuli are put, too; the rest as `compile_in`."""
    text = "\n".join(part for piece in pieces for part in piece.parts)
    (folder / "design.v").write_text(f"{text}\n", encoding="ascii", errors="replace")
    for piece in pieces:
        (folder / f"{piece.nonce}.hex").write_text(piece.stimuli, encoding="ascii")
    return compile_in(folder, [piece.root for piece in pieces], shop, limits)


def compile_in(folder: Path, roots: Sequence[str], shop: Shop, limits: Limits) -> tuple[Finished, bool]:
    """Compile design.v in `folder`, with the modules `roots` at the top; the second value says if there is a program.

    That is design.vvp, and what the compiler has said stands in stdout.txt and stderr.txt.
    """
    (folder / "root.conf").write_text("".join(f"root:{root}\n" for root in roots), encoding="utf-8", errors="replace")
    if shop.tools.base is None:  # the driver starts programs of its own
        limits = dataclasses.replace(limits, processes=None)
    compiled = run(compile_argv(shop, *roots), folder, limits, lifeline=shop.lifeline)
    return compiled, compiled.status == 0 and (folder / "design.vvp").exists()


def read_otherwise(folder: Path, trees: Mapping[str, Understood]) -> tuple[Disbelief, ...]:
    """Return the designs that what is compiled in `folder` holds otherwise than in `trees`."""
    if not trees:
        return ()
    vvp = (folder / "design.vvp").read_text(encoding="latin-1")
    found = built(vvp, {instance: expected.prefix for instance, expected in trees.items()})
    told = ((expected.number, difference(expected.tree, found[name])) for name, expected in trees.items())
    return tuple(Disbelief(n, Reason.TWO_READINGS, f"reads in two ways: {what}") for n, what in told if what)


def read_trace(text: str, count: int, lines: int, nonce: str) -> Printed:
    """Split the bench's output into what `lines` lines show of each of `count` modules."""
    if any(warning in text for warning in _WARNINGS):
        text = "\n".join(line for line in text.splitlines() if not line.startswith(_WARNINGS))
    words = text.split()
    if words[:2] == [nonce, "begin"]:
        del words[:2]
    body, last, width = words[:-3], words[-3:], count + 1
    ended = last[:2] == [nonce, "end"] and len(last[-1]) == count and set(last[-1]) <= {"0", "1"}
    if ended and len(body) == lines * width and body[::width].count(nonce) == lines:
        traces = tuple("".join(body[column::width]) for column in range(1, width))
        return Printed(traces, tuple(number for number, flag in enumerate(last[-1]) if flag == "1"))
    if unread := _UNREAD.search(text):
        return Printed(wrong=f"{unread[2]}, which {unread[1]} reads, is missing: it {_ABSENT}", lacks_file=True)
    printed = text.splitlines()
    if any(not line.startswith(nonce) for line in printed):
        return Printed(wrong="something else than the bench printed")
    found = sum(line.split()[1:2] not in (["begin"], ["end"]) for line in printed)
    early = f"the simulation ended early: {found} of {lines} lines"
    return Printed(wrong=early if found < lines else "damaged output")


def _not_compiled(folder: Path, finished: Finished, parts: Sequence[str]) -> Run:
    """Say which designs the compiler's errors stand in, with the first one's line counted from its design's start."""
    starts = list(itertools.accumulate((part.count("\n") + 1 for part in parts), initial=1))
    message = first_error(folder, finished)
    located = located_in_source(message)
    at_fault: list[int] = []
    for found in _ERROR.finditer(_read(folder / "stderr.txt")):
        line = int(found[1])
        part = bisect.bisect_right(starts, line) - 1
        if not at_fault and 0 < part < len(parts):
            message, located = f"line {line - starts[part] + 1}: {found[2]}"[:MAX_DETAIL], True
        at_fault.append(part - 1)
    designs = tuple(sorted({number for number in at_fault if 0 <= number < len(parts) - 1}))
    memory = tells_no_memory(message)
    return Run(
        "compile",
        finished.stop,
        finished.cpu,
        (),
        message,
        finished.cpu,
        at_fault=designs,
        located=located,
        out_of_memory=memory,
    )


def tells_no_memory(error: str) -> bool:
    """True if a tool's error says that it got no more memory."""
    return _NO_MEMORY.search(error) is not None


def located_in_source(error: str) -> bool:
    """True if a compiler's error says where in the source it stands."""
    return error.startswith(_LOCATED)


def _read(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(1 << 16).decode("ascii", "replace")


def first_error(folder: Path, finished: Finished) -> str:
    """Return the first error that a tool has written in `folder`, or its exit status."""
    lines = [line for name in ("stderr.txt", "stdout.txt") for line in _read(folder / name).splitlines()]
    errors = [line for line in lines if "error" in line or "sorry" in line] or [line for line in lines if line.strip()]
    return (errors[0] if errors else f"exit status {finished.status}")[:MAX_DETAIL]
