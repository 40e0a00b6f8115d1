"""What a suite's bench says about designs whose worth is known: the golden, and stubs that no honest bench passes.

    for row in selftest(load_published("rtllm-v2", data)): print(row.task_id, row.design, row.official, row.strict)

Every stub that passes is verified against the reference too, so that a problem whose right answer is a constant is told
from a bench that is too weak: `right` is what itertl.verify says.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from itertl.errors import DataError
from itertl.evaluation.known_defects import Kind
from itertl.records import Candidate, Outcome, Record, Task
from itertl.verify import VerifySettings, code_id, extract_module, verify
from itertl.verify.interface import Port, read_interface
from itertl.verify.official.verdicts import completion_id, verify_testbench

GOLDEN = "golden"


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


@dataclass(frozen=True)
class Checked(Record):
    """What the bench says about one design of a task; `right` is True for the golden, and for a stub that equals it."""

    task_id: str
    design: str
    official: Outcome
    strict: Outcome
    right: bool
    samples: int
    mismatches: int
    detail: str


def stub(task: Task, body: Callable[[Sequence[Port]], str]) -> str:
    """Return a module with the ports of the task's reference and the given body; raise DataError where it has none."""
    interface = read_interface(extract_module(task.reference, task.header, task.top), task.top)
    ports = ", ".join(f"{p.direction} [{p.width - 1}:0] {p.name}" for p in interface.ports)
    return f"module {task.top} ({ports});\n{body(interface.outputs)}endmodule\n"


def designs(task: Task) -> dict[str, str]:
    """Return the designs of the self-test by name; only the golden where the reference's ports cannot be read."""
    found = {GOLDEN: task.reference}
    try:
        return found | {name: stub(task, body) for name, body in STUBS.items()}
    except DataError:
        return found


def selftest(tasks: Sequence[Task], settings: VerifySettings = VerifySettings()) -> Iterator[Checked]:  # noqa: B008
    """Yield a row for each task and design, tasks in their order."""
    # A completion of VerilogEval v1 goes on from the header; a whole module there is a syntax error by its own rule.
    # So the task is given without the header: what is then compiled is bench and module.
    bare = [_without_header(task) for task in tasks]
    candidates = [
        (name, Candidate(t.id, 0, i, 0, "", code, extract_module(code, "", t.top), code_id(t.id, code)))
        for t in bare
        for i, (name, code) in enumerate(designs(t).items())
    ]
    drawn = [c for _, c in candidates]
    found = {(v.task_id, v.completion_id): v for v in verify_testbench(drawn, bare, settings)}
    verdicts = [found[c.task_id, completion_id(c.task_id, c.completion)] for c in drawn]
    passing = [c for c, v in zip(drawn, verdicts, strict=True) if Outcome.PASSED in (v.official, v.strict)]
    right = {(v.task_id, v.code_id) for v in verify(passing, bare, settings) if v.passed}
    for (name, c), v in zip(candidates, verdicts, strict=True):
        known = name == GOLDEN or (c.task_id, c.code_id) in right
        yield Checked(c.task_id, name, v.official, v.strict, known, v.samples, v.mismatches, v.detail)


def found_defects(rows: Iterable[Checked]) -> set[tuple[str, Kind]]:
    """Return what the rows show to be wrong, as (problem, kind)."""
    found: set[tuple[str, Kind]] = set()
    for row in rows:
        if row.design == GOLDEN:
            found |= {(row.task_id, Kind.GOLDEN_FAILS)} if row.official is not Outcome.PASSED else set()
            found |= {(row.task_id, Kind.NO_STRICT)} if row.strict is not Outcome.PASSED else set()
        elif row.strict is Outcome.PASSED and not row.right:
            found.add((row.task_id, Kind.STUB_PASSES))
    return found


def _without_header(task: Task) -> Task:
    return Task.from_dict({**task.to_dict(), "header": ""})
