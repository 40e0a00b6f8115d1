"""What a suite's bench says about designs whose worth is known: the reference, stubs that are no designs, mutants.

    for row in selftest(load_published("rtllm-v2", data), mutants=10): print(row.task_id, row.design, row.strict)

Every design is verified against the reference, too (`ours` is what itertl.verify says). So a problem whose right answer
is a constant is told from a bench that is too weak, and a mutant counts where simulation shows it to differ. Where the
reference's own row has `ours` other than passed, our verification cannot judge that problem.

    itertl suites selftest rtllm-v2 --mutants 10 --out rows.jsonl
"""

import contextlib
import dataclasses
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Generic, TypeVar

from itertl.errors import DataError
from itertl.outcome import Outcome
from itertl.progress import progress
from itertl.records import Record, Submission, Task, TestbenchVerdict, Verdict
from itertl.verify import VerifySettings, verify
from itertl.verify.differing import BITWISE, differing_bits
from itertl.verify.official.verdicts import completion_id, verify_testbench
from itertl.verilog.extract import extract_module
from itertl.verilog.interface import Port, read_interface
from itertl.verilog.mutants import Mutant, mutants

V = TypeVar("V", Verdict, TestbenchVerdict)

REFERENCE = "reference"
MUTANTS = 10  # of each problem, unless asked otherwise; the known defects are those that so many show
_SEED = 0  # of the mutants: fewer are the first of more


def _constant(bit: str) -> Callable[[Sequence[Port]], str]:
    return lambda outputs: "".join(f"  assign {p.name} = {{{p.width}{{1'b{bit}}}}};\n" for p in outputs)


STUBS: Mapping[str, Callable[[Sequence[Port]], str]] = {
    "zeros": _constant("0"),
    "ones": _constant("1"),
    "unknown": _constant("x"),
    "floating": _constant("z"),
    "empty": lambda outputs: "",
    "finish": lambda outputs: "  initial $finish;\n",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Trial:
    """A design of the self-test; `mutant` tells what was changed where it is one."""

    name: str
    code: str
    mutant: Mutant | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Checked(Record):
    """What the bench says about one design of a task, by the suite's rule and strictly, and what we say (`ours`).

    `samples` and `mismatches` are what the bench counted, `detail` is what it says. `difference` is our first mismatch
    with the reference, or our sentence; `undefined` says that all it shows there is x or z. `kind`, `line` (in the
    reference, 0 for none) and `change` tell a mutant.
    """

    task_id: str
    design: str
    official: Outcome
    strict: Outcome
    ours: Outcome
    samples: int = 0
    mismatches: int = 0
    detail: str = ""
    difference: str = ""
    kind: str = ""
    line: int = 0
    change: str = ""
    undefined: bool = False

    @property
    def right(self) -> bool:
        """True for the reference, and for what our verification cannot tell from it."""
        return self.design == REFERENCE or self.ours is Outcome.PASSED

    @property
    def wrong(self) -> bool:
        """True if our verification refuses the design, or shows it to differ from the reference."""
        return not self.right and self.ours.judged

    @property
    def differs(self) -> bool:
        """True if simulation shows a mismatch with the reference."""
        return not self.right and self.ours is Outcome.MISMATCH


def stub(task: Task, body: Callable[[Sequence[Port]], str]) -> str:
    """Return a module with the ports of the task's reference and the given body; raise DataError where it has none."""
    interface = read_interface(extract_module(task.reference, task.header, task.top), task.top)
    ports = ", ".join(f"{p.direction} [{p.width - 1}:0] {p.name}" for p in interface.ports)
    return f"module {task.top} ({ports});\n{body(interface.outputs)}endmodule\n"


def designs(task: Task, count: int = 0) -> list[Trial]:
    """Return the designs of the self-test with `count` mutants at most; only the reference where it cannot be read."""
    found = [Trial(REFERENCE, task.reference)]
    try:
        found += [Trial(name, stub(task, body)) for name, body in STUBS.items()]
        drawn = mutants(extract_module(task.reference, "", task.top), task.top, count, _SEED) if count else []
    except DataError:
        return found
    return found + [Trial(f"mutant {i}", mutant.code, mutant) for i, mutant in enumerate(drawn)]


def selftest(
    tasks: Sequence[Task],
    settings: VerifySettings = VerifySettings(),  # noqa: B008 - frozen
    mutants: int = 0,
    *,
    done: Sequence[Checked] = (),
) -> Iterator[Checked]:
    """Yield a row for each task and design after those in `done`: tasks in their order, reference, stubs, mutants.

    `mutants` is the number for each task at most, drawn from a fixed seed. Raises what `verify` and `verify_testbench`
    raise.
    """
    # A completion of VerilogEval v1 goes on from the header; a whole module there is a syntax error by its own rule.
    # So the task is given without the header: what is then compiled is bench and module.
    bare = {t.id: dataclasses.replace(t, header="") for t in tasks}
    ended = {row.task_id for row in done} - {row.task_id for row in done[-1:]}
    known = {(row.task_id, row.design) for row in done}
    left = [task for task in bare.values() if task.id not in ended]
    asked, benched, verified = itertools.tee(_handed_in(left, mutants, known), 3)
    by_bench = verify_testbench((handed for _, handed in benched), bare, settings)
    by_us = verify((handed for _, handed in verified), bare, settings)
    closing = contextlib.closing
    with closing(by_bench), closing(by_us), progress("self-test", len(left), unit="problems") as advance:  # type: ignore[type-var]
        bench = _InTurn(by_bench, lambda v: (v.task_id, v.completion_id))
        ours = _InTurn(by_us, lambda v: (v.task_id, v.code_id))
        for task_id, group in itertools.groupby(asked, lambda pair: pair[1].task_id):
            for design, handed in group:
                theirs = bench.find((task_id, completion_id(task_id, handed.text)))
                yield _checked(design, theirs, ours.find((task_id, handed.code_id)))
            advance(1)


def _handed_in(tasks: Iterable[Task], count: int, known: set[tuple[str, str]]) -> Iterator[tuple[Trial, Submission]]:
    for task in tasks:
        for design in designs(task, count):
            if (task.id, design.name) not in known:
                yield design, Submission.of(task, design.code)


def _checked(design: Trial, bench: TestbenchVerdict, ours: Verdict) -> Checked:
    difference, undefined = _difference(ours)
    row = Checked(
        task_id=bench.task_id,
        design=design.name,
        official=bench.official,
        strict=bench.strict,
        ours=ours.outcome,
        samples=bench.samples,
        mismatches=bench.mismatches,
        detail=bench.detail,
        difference=difference,
        undefined=undefined,
    )
    m = design.mutant
    return row if m is None else dataclasses.replace(row, kind=m.kind, line=m.line, change=m.change)


def _difference(verdict: Verdict) -> tuple[str, bool]:
    """Return the first mismatch, or our sentence where there is none; and whether what it shows is undefined.

    Of values that are too long to be told in full, the highest bit that differs stands for all.
    """
    first = verdict.mismatch
    if first is None:
        return verdict.detail, False
    if len(first.expected) <= BITWISE:
        return verdict.detail, not set(first.got) <= set("01")
    bit = differing_bits(first.expected, first.got)[0]
    expected, got = first.expected[~bit], first.got[~bit]
    return f"{first.moment}: {first.signal}[{bit}] expected {expected}, got {got}", got not in "01"


class _InTurn(Generic[V]):
    """A stream of verdicts, asked for by key in the order of their candidates; equal designs share one verdict."""

    def __init__(self, verdicts: Iterator[V], key: Callable[[V], tuple[str, str]]) -> None:
        self._verdicts: Iterator[V] = verdicts
        self._key: Callable[[V], tuple[str, str]] = key
        self._found: dict[tuple[str, str], V] = {}

    def find(self, wanted: tuple[str, str]) -> V:
        """Return the verdict of a key; those of earlier tasks are forgotten."""
        while wanted not in self._found:
            verdict = next(self._verdicts)
            if self._found and next(iter(self._found))[0] != verdict.task_id:
                self._found.clear()
            self._found[self._key(verdict)] = verdict
        return self._found[wanted]
