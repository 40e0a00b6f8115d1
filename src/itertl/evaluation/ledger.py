"""The verdicts of a file of candidates on disk: one line a row, appended, found again after any interruption.

    with open_ledger(Path("verdicts.jsonl"), inputs) as ledger:
        ledger.rows                       # how many rows have a verdict
        ledger.line(code_id)              # the verdict of an equal design, as it stands in the file
        ledger.append(verdict)

Lines go to OUT.partial, which becomes OUT when every row has one. OUT.job, which stays, identifies the inputs: the same
command goes on where it was interrupted, or finds its output complete; changed inputs are refused.
"""

import dataclasses
import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from itertl.disk.artefacts import PARTIAL, disk_faults
from itertl.disk.claim import claim
from itertl.disk.index import Index
from itertl.errors import DataError
from itertl.outcome import Outcome
from itertl.records import Verdict


@dataclasses.dataclass(slots=True)
class Tally:
    """What the lines say: rows by outcome, distinct designs, and the details of tool errors.

    `unexercised` counts rows that passed while parts of their reference were not exercised.
    """

    outcomes: Counter[str] = dataclasses.field(default_factory=Counter)
    designs: int = 0
    tool_errors: Counter[str] = dataclasses.field(default_factory=Counter)
    unexercised: int = 0

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
        self._places = Index()  # offset and length of a design's line
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
        if (place := self._places.find(code_id)) is None:
            return None
        offset, length = place
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
        self._places.close()

    @property
    def _path(self) -> Path:
        return self.out if self.complete else self.out.with_name(self.out.name + PARTIAL)

    def _note(self, row: Mapping[str, Any], length: int) -> None:
        code_id, outcome = row["code_id"], row["outcome"]
        if outcome == Outcome.TOOL_ERROR:
            self.failed.setdefault(code_id, self.rows)
            self.tally.tool_errors[f"{row['task_id']}: {row['detail']}"] += 1
        self.tally.outcomes[outcome] += 1
        self.tally.unexercised += bool(row.get("unexercised"))
        self.tally.designs += self._places.add(code_id, self._end, length)
        self._end += length


@contextmanager
def open_ledger(out: Path, inputs: Mapping[str, Any]) -> Iterator[Ledger]:
    """Begin or continue `out`, alone, for what `inputs` identifies; raise what `claim` raises."""
    with claim(out, inputs):
        with disk_faults(out.with_name(out.name + PARTIAL)):
            ledger = Ledger(out)
        try:
            yield ledger
        finally:
            ledger.close()


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
