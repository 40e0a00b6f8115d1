"""The verdicts of a file of candidates on disk: one line a row, appended, found again after any interruption.

    with open_ledger(Path("verdicts.jsonl"), inputs) as ledger:
        ledger.rows                       # how many rows have a verdict
        ledger.line(code_id)              # the verdict of an equal design, as it stands in the file
        ledger.append(verdict)

Lines go to OUT.partial, which becomes OUT when every row has one. OUT.job, which stays, identifies the inputs: the same
command goes on where it was interrupted, or finds its output complete; changed inputs are refused.
"""

import dataclasses
import fcntl
import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from itertl.artefacts import PARTIAL, disk_faults
from itertl.errors import DataError, RunDirectoryError, UsageError
from itertl.records import Outcome, Verdict

JOB = ".job"


@dataclasses.dataclass(slots=True)
class Tally:
    """What the lines say: rows by outcome, distinct designs, and the details of tool errors."""

    outcomes: Counter[str] = dataclasses.field(default_factory=Counter)
    designs: int = 0
    tool_errors: Counter[str] = dataclasses.field(default_factory=Counter)

    @property
    def rows(self) -> int:
        """The number of lines."""
        return self.outcomes.total()


class Ledger:
    """An open file of verdicts. `complete` tells that it was found with a verdict for every row."""

    def __init__(self, out: Path) -> None:
        """Read what `out`, or its unfinished predecessor, holds, and cut off a torn last line."""
        self.out = out
        self.complete = out.exists()
        self._load()

    def _load(self) -> None:
        self._file = os.fdopen(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o666), "r+b")
        self.tally = Tally()
        self.failed: dict[str, int] = {}  # first row of each design whose verdict is a tool error
        self._places: dict[str, tuple[int, int]] = {}  # offset and length of a design's line
        self._end = 0
        for line in self._file:
            if not line.endswith(b"\n"):
                break
            self._note(_parse(line, f"{self._path}:{self.rows + 1}"), len(line))
        if not self.complete:
            self._file.truncate(self._end)

    @property
    def rows(self) -> int:
        """How many rows have a verdict."""
        return self.tally.rows

    def __contains__(self, code_id: str) -> bool:
        """True if a design has a line."""
        return code_id in self._places

    def line(self, code_id: str) -> bytes | None:
        """Return the line of a design that has one already."""
        if code_id not in self._places:
            return None
        offset, length = self._places[code_id]
        return os.pread(self._file.fileno(), length, offset)

    def append(self, line: bytes) -> None:
        """Write one line, to the disk's cache at least: it survives the death of this process."""
        with disk_faults(self._path):
            rest = memoryview(line)
            while rest:
                rest = rest[os.pwrite(self._file.fileno(), rest, self._end + len(line) - len(rest)) :]
        self._note(_parse(line, str(self._path)), len(line))

    def replace(self, lines: Mapping[str, bytes]) -> None:
        """Put other lines in the places of the designs `lines`, at once or not at all."""
        path, fresh = self._path, self._path.with_name(self._path.name + ".new")
        with disk_faults(fresh):
            self._file.seek(0)
            with fresh.open("wb") as file:
                for line in self._file:
                    file.write(lines.get(json.loads(line)["code_id"], line))
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
        self._file.close()
        self._load()

    def finish(self) -> None:
        """Give the file its name: every row has a verdict."""
        if not self.complete:
            with disk_faults(self.out):
                os.fsync(self._file.fileno())
                self._path.replace(self.out)
            self.complete = True

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    @property
    def _path(self) -> Path:
        return self.out if self.complete else self.out.with_name(self.out.name + PARTIAL)

    def _note(self, row: Mapping[str, Any], length: int) -> None:
        code_id, outcome = row["code_id"], row["outcome"]
        if outcome == Outcome.TOOL_ERROR:
            self.failed.setdefault(code_id, self.rows)
            self.tally.tool_errors[f"{row['task_id']}: {row['detail']}"] += 1
        self.tally.outcomes[outcome] += 1
        self.tally.designs += code_id not in self._places
        self._places.setdefault(code_id, (self._end, length))
        self._end += length


@contextmanager
def open_ledger(out: Path, inputs: Mapping[str, Any]) -> Iterator[Ledger]:
    """Begin or continue `out`, alone, for what `inputs` identifies.

    Raise UsageError where `out` exists and belongs to other inputs, or to nobody known; RunDirectoryError where
    another process writes it or the disk is full.
    """
    partial = out.with_name(out.name + PARTIAL)
    with disk_faults(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        job = out.with_name(out.name + JOB).open("a+", encoding="utf-8")
    with job:
        try:
            fcntl.flock(job.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RunDirectoryError(
                f"another process is writing {out}; wait for it, or choose another --out"
            ) from error
        _keep_inputs(job, out, partial, inputs)
        with disk_faults(partial):
            ledger = Ledger(out)
        try:
            yield ledger
        finally:
            ledger.close()


def _keep_inputs(job: IO[str], out: Path, partial: Path, inputs: Mapping[str, Any]) -> None:
    """Write down the inputs of a new job, or compare them with those that `out` was begun with."""
    job.seek(0)
    text = job.read()
    if not out.exists() and not partial.exists():
        with disk_faults(Path(job.name)):
            job.truncate(0)
            job.write(json.dumps(inputs, indent=1) + "\n")
            job.flush()
        return
    if not text.endswith("}\n"):
        raise UsageError(f"{out} exists, but no {Path(job.name).name} says what from; choose another --out")
    before = json.loads(text)
    if changed := [name for name in inputs if before.get(name) != inputs[name]]:
        lines = "".join(f"\n  {name}: {before.get(name)} -> {inputs[name]}" for name in changed)
        raise UsageError(
            f"{out} was begun with other inputs; give those again, or choose another --out. Changed:{lines}"
        )


def _parse(line: bytes, where: str) -> dict[str, Any]:
    """Return one line of verdicts; raise DataError where it is none."""
    try:
        row = json.loads(line)
    except ValueError as error:
        raise DataError(f"{where} is not a verdict ({error}); delete the file to verify again") from error
    if not isinstance(row, dict) or not {"task_id", "code_id", "outcome", "detail"} <= row.keys():
        raise DataError(f"{where} is not a verdict; delete the file to verify again")
    return row


def line_of(verdict: Verdict) -> bytes:
    """Return a verdict as its line in the file."""
    return (verdict.to_json() + "\n").encode()
