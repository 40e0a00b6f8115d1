"""The values that stages hand to one another: frozen, typed, one JSON object a line on disk.

    Task  ->  Candidate  ->  Submission  ->  Verdict  ->  Group          beside a verdict: Synthesis, Yosys' netlist

A record's identity is a hash of its content, so equal content is the same thing in every run and on every machine.
"""

import dataclasses
import functools
import json
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from itertl.errors import DataError
from itertl.identity import digest
from itertl.outcome import Outcome, Reason
from itertl.verilog.project import Project

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_MOST_FAULTS, _QUOTED = 4, 80  # faults of a row that an error names, and characters of what was found


BenchKind = Literal["verilog", "cocotb"]
NOT_IN_ROWS = {"rows": False}  # metadata of a field that no row holds


class Record:
    """Reading and writing as JSON, shared by the frozen dataclasses below; adds no behaviour of its own.

    Fields are plain JSON types, members of closed sets, tuples, mappings and records, inside one another to any depth;
    their annotations are what a row is read by.
    """

    __slots__ = ()
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain JSON types, without those that no row holds."""
        return {f.name: _plain(getattr(self, f.name)) for f in _fields(type(self)) if _in_rows(f)}

    def to_json(self) -> str:
        """Return the record as one line of JSON, fields in their order of definition."""
        return json.dumps(self.to_dict())

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Self:
        """Build the record from `row`; raise DataError where a field is missing, unknown or of another type."""
        from pydantic import ValidationError  # late: workers write records and read none

        for field in _fields(cls):
            if not _in_rows(field) and row.get(field.name):
                raise DataError(
                    f"{_article(cls)}'s row names no {field.name}, which comes from a command line or a config alone; "
                    f"found {row[field.name]!r}: leave it out"
                )
        try:
            kind: Any = cls  # or mypy takes a class with a hash of its own for unhashable
            found: Self = _reader(kind).validate_python(dict(row))
        except ValidationError as error:
            faults = "; ".join(_fault(cls, fault) for fault in error.errors(include_url=False)[:_MOST_FAULTS])
            raise DataError(
                f"{_article(cls)} cannot be read from its row: {faults}; correct the row, or, where another version "
                "wrote it, compute it again"
            ) from error
        return found


def _fields(cls: type[Record]) -> tuple[dataclasses.Field[Any], ...]:
    return dataclasses.fields(cls)  # type: ignore[arg-type]


def _in_rows(field: dataclasses.Field[Any]) -> bool:
    return field.metadata.get("rows", True) is True


def _plain(value: Any) -> Any:
    """Return `value` with each record in it as a dictionary."""
    if isinstance(value, Record):
        return value.to_dict()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(map(_plain, value))
    return value


@functools.cache
def _reader(cls: Any) -> "TypeAdapter[Any]":
    from pydantic import TypeAdapter

    return TypeAdapter(cls)


def _article(cls: type[Record]) -> str:
    words = re.sub(r"(?<!^)(?=[A-Z])", " ", cls.__name__).lower()
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def _fault(cls: type[Record], fault: Mapping[str, Any]) -> str:
    """Return one fault of a row: where, what was expected, and what was found."""
    place = ".".join(map(str, fault["loc"]))
    if fault["type"] == "missing":
        return f"the field {place!r} is missing"
    if fault["type"] == "unexpected_keyword_argument":
        return f"there is no field {place!r}; known are {sorted(f.name for f in _fields(cls) if _in_rows(f))}"
    expected = fault["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
    return f"{place} is expected to be {expected}, found {str(fault['input'])[:_QUOTED]!r}"


@dataclasses.dataclass(frozen=True, slots=True)
class Task(Record):
    """A design problem.

    `header` is the module's header up to and including the semicolon behind its ports; `reference` is the whole
    reference design, `module` to `endmodule`; `top` names its top module. A task without a reference can be
    sampled, but only its syntax and elaboration can be verified. `testbench` is the suite's own, with all that it
    compiles beside the design; `files` are the data files, (name, text), that the testbench reads when it runs.
    `suite` says where the task comes from. `rule` is the dotted path of the rule by which the testbench judges, "" for
    that of a bench of one's own; it names code, so that no row holds it and none can choose what is imported.
    `project` is what stands around the module `top` in a real project, trusted as no candidate is. `bench` says what
    the testbench is written in: Verilog, or Python for cocotb.
    """

    id: str
    instruction: str
    header: str
    reference: str
    top: str
    suite: str = ""
    testbench: str = ""
    tags: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    rule: str = dataclasses.field(default="", metadata=NOT_IN_ROWS)
    project: Project | None = None
    bench: BenchKind = "verilog"

    @classmethod
    def of(cls, reference: str, instruction: str = "", *, id: str = "", header: str = "", top: str = "") -> Self:
        """Build a task from a reference design; its id, its header and its top module are derived where not given.

        `header` is what completions go on from, where that is not the reference's own.
        """
        from itertl.verilog.header import under_header

        reference, header, top = under_header(reference, header, top)
        return cls(id or f"task-{digest(reference, header)}", instruction, header, reference, top)

    @property
    def body(self) -> str:
        """The reference without its header: what a policy that is given the header has to write."""
        return self.reference[len(self.header) :] if self.reference.startswith(self.header) else self.reference


@dataclasses.dataclass(frozen=True, slots=True)
class Submission(Record):
    """A design handed in for a task, whoever wrote it: what verification takes.

    `code` holds whole modules, "" where there were none in `text`, the completion that it was found in.
    """

    task_id: str
    code_id: str  # digest of (task, normalised code, or why there is none): equal where designs differ in layout only
    code: str
    text: str

    @classmethod
    def of(cls, task: Task, text: str) -> Self:
        """Return the design in a model's whole answer to `task`: a design, in prose or not, or the rest of one."""
        from itertl.verilog.extract import extract_module, why_empty
        from itertl.verilog.tokens import code_id

        code = extract_module(text, task.header, task.top, task.project)
        return cls(task.id, code_id(task.id, code or why_empty(text)), code, text)

    @classmethod
    def whole(cls, task_id: str, code: str) -> Self:
        """Return a design of whole modules, as they stand."""
        from itertl.verilog.tokens import code_id

        return cls(task_id, code_id(task_id, code), code, code)


@dataclasses.dataclass(frozen=True, slots=True)
class Candidate(Record):
    """One sample of a policy: the rendered `prompt`, the raw `completion` and the design `code` extracted from it.

    `finish_reason` is "stop" (the policy ended by itself), "length" (cut off at the token limit) or "missing" (nobody
    answered: it is counted apart, and never verified). `seed` follows from (run, iteration, task, index) alone, so
    that a sample can be drawn again.
    """

    task_id: str
    iteration: int
    index: int
    seed: int
    prompt: str
    completion: str
    code: str
    code_id: str  # as in a submission
    finish_reason: str = "stop"
    policy: str = ""  # digest of the weights that drew it

    @property
    def missing(self) -> bool:
        """True if there is no answer to judge."""
        return self.finish_reason == "missing"

    @property
    def submission(self) -> Submission:
        """The design that verification takes."""
        return Submission(self.task_id, self.code_id, self.code, self.completion)

    @classmethod
    def of(cls, task: Task, completion: str, index: int = 0) -> Self:
        """Build a candidate from a model's whole answer to `task`: a design, in prose or not, or the rest of one."""
        found = Submission.of(task, completion)
        return cls(task.id, 0, index, 0, "", completion, found.code, found.code_id)


@dataclasses.dataclass(frozen=True, slots=True)
class WaveRow(Record):
    """One signal of a waveform: `kind` is clock, input, output (where it agrees), expected or got.

    `values` holds a word a column: 0 or 1 of a clock, else hexadecimal digits as $display("%h") prints them, cut to
    those around the first difference where there are many. `marks` are (column, first digit, digits) of what differs.
    """

    name: str
    kind: str
    values: str
    marks: tuple[tuple[int, int, int], ...] = ()

    @property
    def cells(self) -> list[str]:
        """The values, one a column."""
        return self.values.split(" ")


@dataclasses.dataclass(frozen=True, slots=True)
class Wave(Record):
    """The moments around a mismatch, which is at column `at`; moments between which nothing changes share a column.

    `cycles` are those of the columns, or the numbers of the vectors where no row is a clock; `hidden` inputs are not
    among the rows.
    """

    cycles: tuple[int, ...]
    at: int
    rows: tuple[WaveRow, ...]
    hidden: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Mismatch(Record):
    """Where a design first differs from the reference: `sample` counts from 0 over all moments that are compared.

    `cycle` is the clock cycle, or the number of the vector where there is no clock; `moment` says it in words.
    `expected` and `got` are the whole value of the output `signal`, bits 0, 1, x, z with the highest first. `wave`
    shows it with the inputs; it is a picture of the rest, and two mismatches are equal without it.
    """

    sample: int
    cycle: int
    moment: str
    signal: str
    expected: str
    got: str
    wave: Wave | None = dataclasses.field(default=None, compare=False)


@dataclasses.dataclass(frozen=True, slots=True)
class Verdict(Record):
    """What the tools say about one distinct design of a task.

    `agreement` is the share (0 to 1) of the compared output bits that equal the reference's, and `outputs` the same
    for each output by name; 0 and empty where nothing was simulated. `detail` is one sentence for people: the first
    mismatch, or the tool's message. `reason` is what programs decide by, None where the outcome says it all. `seconds`
    is wall time. `stimuli` names what, with the reference, gives the stimuli again. `formal` is proved, refuted or
    unknown, "" where equivalence was not asked for. `unexercised` are short facts about what
    `passed` does not speak of: outputs, register bits and branches of the reference that no stimulus moved or reached.
    """

    task_id: str
    code_id: str
    outcome: Outcome
    agreement: float = 0.0
    detail: str = ""
    seconds: float = 0.0
    tools: str = ""  # simulator and its version
    sandbox: str = ""  # level in force while it was simulated
    outputs: Mapping[str, float] = dataclasses.field(default_factory=dict)
    mismatch: Mismatch | None = None
    stimuli: str = ""  # such as "bench 2 seed 0 cycles 300 vectors 300"
    formal: str = ""
    reason: Reason | None = None
    unexercised: tuple[str, ...] = ()  # of the reference, of one that passed; such as "led never became 1"

    @property
    def passed(self) -> bool:
        """True if every compared output bit agrees with the reference."""
        return self.outcome is Outcome.PASSED


@dataclasses.dataclass(frozen=True, slots=True)
class TestbenchVerdict(Record):
    """What a suite's own testbench says about one distinct completion, by the suite's rule and by ours, side by side.

    `official` follows the suite's rule bug for bug; `strict` runs the same bench behind the guard, and believes only
    what the bench itself prints about as many samples as it takes of the reference. `samples` and `mismatches` are
    what the bench counted, tests of one in Python (0 where it does not count, or did not get that far).
    `official_detail` and `strict_detail` are a sentence each, for people; `reason` is what programs decide by, of the
    strict verdict.
    """

    __test__: ClassVar[bool] = False  # the name is no test's

    task_id: str
    completion_id: str  # digest of (task, completion): `official` may depend on every character
    code_id: str
    official: Outcome
    strict: Outcome
    samples: int = 0
    mismatches: int = 0
    official_detail: str = ""
    strict_detail: str = ""
    seconds: float = 0.0
    tools: str = ""
    sandbox: str = ""
    reason: Reason | None = None

    @property
    def reference_passes(self) -> bool:
        """False where the task's own reference fails the bench on these tools: nothing is strict there."""
        return self.reason is not Reason.UNFIT_REFERENCE

    @property
    def detail(self) -> str:
        """What both rules say, for people."""
        both = (("official", self.official_detail), ("strict", self.strict_detail))
        return "; ".join(f"{name}: {said}" for name, said in both if said)


class SynthesisStatus(StrEnum):
    """Whether a design is hardware: a closed set."""

    SYNTHESIZABLE = "synthesizable"
    REFUSED = "refused"  # Yosys has read it, and it cannot be hardware
    UNKNOWN = "unknown"  # the tool failed, ran out of time, or cannot read it: never a no


@dataclasses.dataclass(frozen=True, slots=True)
class Synthesis(Record):
    """What Yosys makes of one distinct design of a task, in generic gates.

    `cells` counts gates, flip-flops and latches; `transistors` is an estimate for static CMOS; `depth` is the number
    of cells on the longest path between registers and ports; `latches` are those among the cells. All are 0 where
    the status is another than synthesizable, and `detail` says why. `seconds` is wall time.
    """

    task_id: str
    code_id: str
    status: SynthesisStatus
    cells: int = 0
    transistors: int = 0
    depth: int = 0
    latches: int = 0
    detail: str = ""
    seconds: float = 0.0
    tools: str = ""  # Yosys, its version, and what it has read the design with


@dataclasses.dataclass(frozen=True, slots=True)
class Group(Record):
    """What one training step sees of a task: its distinct candidates with scores, and the reference.

    `candidates`, `scores`, `passed` and `counts` (how many samples fell on the same code) are parallel.
    `reference` is the target text of the MLE term, empty where the task's reference is not used for training.
    Scores lie in [0, 1]; higher is better.
    """

    task_id: str
    prompt: str
    reference: str
    candidates: tuple[str, ...]
    scores: tuple[float, ...]
    passed: tuple[bool, ...]
    counts: tuple[int, ...]
    reference_score: float = 1.0
