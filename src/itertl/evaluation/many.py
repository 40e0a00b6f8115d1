"""Verdicts for a file of candidates of any size, one line each, in the rows' order; interrupted, it goes on.

    verify_file(Order(Path("rows.jsonl"), Path("tasks.jsonl"), Path("verdicts.jsonl")))  ->  Result

Rows are `task_id` and `completion`; tasks are `id`, `instruction`, `header`, `reference`; both plain or gzip. All rows
are checked before the first one is verified. Within a window, rows of one task are verified side by side, wherever in
the window they stand. Designs that differ in layout only are verified once. Tool errors are tried again when the same
command is run again.
"""

import contextlib
import dataclasses
import hashlib
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from itertl.errors import UsageError
from itertl.evaluation.answers import read_answers
from itertl.evaluation.ledger import Ledger, Tally, line_of, open_ledger
from itertl.outcome import Outcome
from itertl.progress import Advance, progress
from itertl.records import Submission, Task, Verdict
from itertl.tasks.files import read_tasks
from itertl.tools.shop import tool_versions
from itertl.verify.engine import verify
from itertl.verify.folder.driver import IN_FLIGHT, Folder, Shared, end
from itertl.verify.judge import stimuli_line
from itertl.verify.settings import VerifySettings
from itertl.verify.tool_errors import SHARE, refuse_tool_errors

WINDOW = 4096  # rows


@dataclasses.dataclass(frozen=True, slots=True)
class Order:
    """What is to be verified, and where the verdicts go.

    `tool_error_share` is the share of the rows (0 to 1) whose tool errors end it. `shared` is a folder in which workers
    of any machine judge the designs; None for processes of this one.
    """

    candidates: Path
    tasks: Path
    out: Path
    settings: VerifySettings = dataclasses.field(default_factory=VerifySettings)
    tool_error_share: float = SHARE
    shared: Shared | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Result:
    """What stands in the file of verdicts, how many rows this call verified, and in how many seconds.

    `judged` counts the designs that each worker of a shared folder has judged.
    """

    tally: Tally
    verified: int
    seconds: float
    judged: Mapping[str, int] = dataclasses.field(default_factory=dict)


def verify_file(order: Order) -> Result:
    """Verify what is missing in `order.out`, or find it complete.

    Raise DataError for a row that cannot be read or names no task, UsageError where the output belongs to other
    inputs, and ToolError where too many verdicts are tool errors: the verdicts up to there are kept.
    """
    if order.out.is_dir() or order.out.suffix == ".gz":
        raise UsageError(f"--out {order.out}: expected the name of a plain JSONL file")
    tasks = {task.id: task for task in read_tasks(order.tasks, given_headers=True)}
    rows = sum(1 for _ in read_answers(order.candidates, tasks))
    inputs = {
        "candidates": f"{rows} rows, sha256 {_sha256(order.candidates)}",
        "tasks": f"{len(tasks)} rows, sha256 {_sha256(order.tasks)}",
        "stimuli": stimuli_line(order.settings),
        "tools": f"iverilog {tool_versions()['iverilog']}{', formal' if order.settings.formal else ''}",
    }
    started = time.monotonic()
    with open_ledger(order.out, inputs) as ledger:
        before = ledger.rows
        work = _Work(order, tasks, rows, ledger)
        again = work.repeat_failed()
        work.go_on()
        ledger.finish()
        if order.shared is not None:
            end(order.shared)
        return Result(ledger.tally, ledger.rows - before + again, time.monotonic() - started, work.judged)


@dataclasses.dataclass(slots=True)
class _Work:
    """One call: rows whose verdict is awaited, in their order, and verdicts whose turn has not come."""

    order: Order
    tasks: Mapping[str, Task]
    rows: int
    ledger: Ledger
    awaited: deque[str] = dataclasses.field(default_factory=deque)
    ready: dict[str, Verdict] = dataclasses.field(default_factory=dict)
    judged: Counter[str] = dataclasses.field(default_factory=Counter)

    @property
    def missing(self) -> int:
        """How many rows have no verdict yet."""
        return self.rows - self.ledger.rows

    def repeat_failed(self) -> int:
        """Verify the designs again whose verdict is a tool error; return how many those are."""
        wanted = set(self.ledger.failed.values())
        if not wanted:
            return 0
        rows = enumerate(read_answers(self.order.candidates, self.tasks))
        again = (Submission.of(*row) for number, row in rows if number in wanted)
        with progress("verifying tool errors again", len(wanted), unit="verdicts") as advance:
            lines = {v.code_id: line_of(v) for v in _counted(self._verify(again), advance)}
        self.ledger.replace(lines)
        self._check()
        return len(lines)

    def go_on(self) -> None:
        """Verify the rows behind those that have a verdict."""
        if not self.missing:
            return
        with progress("verifying", self.missing, unit="verdicts") as advance:
            verdicts = self._verify(self._fresh(advance))
            with contextlib.closing(verdicts):  # type: ignore[type-var]
                for verdict in verdicts:
                    self.ready[verdict.code_id] = verdict
                    self._write(advance)
            self._write(advance)

    def _verify(self, designs: Iterator[Submission]) -> Iterator[Verdict]:
        """Return the verdicts of this machine's processes, or of the workers of the folder."""
        shared, settings = self.order.shared, self.order.settings
        if shared is None:
            return verify(designs, self.tasks, settings)
        if settings.cluster:
            raise UsageError("--folder and --cluster are two ways to other machines: give one of them")
        pool = Folder(shared, settings)
        self.judged = pool.judged
        cache = False if shared.any_tools else settings.cache  # what other tools say is no news about those here
        settings = dataclasses.replace(settings, in_flight=IN_FLIGHT, cache=cache)
        return verify(designs, self.tasks, settings, judges=lambda _: pool)

    def _fresh(self, advance: Advance) -> Iterator[Submission]:
        """Yield the designs that have no verdict yet, those of one task side by side."""
        rows = islice(read_answers(self.order.candidates, self.tasks), self.ledger.rows, None)
        while window := list(islice(rows, WINDOW)):
            designs = [Submission.of(*row) for row in window]
            self.awaited.extend(design.code_id for design in designs)
            self._write(advance)
            groups: dict[str, list[Submission]] = {}
            for design in designs:
                if design.code_id not in self.ledger:
                    groups.setdefault(design.task_id, []).append(design)
            for group in groups.values():
                yield from group

    def _write(self, advance: Advance) -> None:
        """Write the lines whose turn it is."""
        while self.awaited:
            code_id = self.awaited[0]
            line = self.ledger.line(code_id)
            if line is None:
                if code_id not in self.ready:
                    return
                line = line_of(self.ready.pop(code_id))
            self.awaited.popleft()
            self.ledger.append(line)
            advance(1)
            self._check()

    def _check(self) -> None:
        """Raise ToolError where the tools fail too often."""
        errors = self.ledger.tally.tool_errors
        count = self.ledger.tally.outcomes[Outcome.TOOL_ERROR]
        often = errors.most_common(1)
        refuse_tool_errors(count, self.rows, self.order.tool_error_share, often[0][0] if often else "")


def _counted(verdicts: Iterator[Verdict], advance: Advance) -> Iterator[Verdict]:
    for verdict in verdicts:
        advance(1)
        yield verdict


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]
