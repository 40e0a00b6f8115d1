"""The three kinds of result that a stage leaves in a run directory, each complete or not there at all.

    Rows     NAME.jsonl   a generator's records, appended as they come: nothing finished is ever lost
    Value    NAME.json    one record
    Folder   NAME/        whatever the function writes into the folder that it is given

All are built as `NAME.partial` and renamed when complete. The partial file of `Rows` and the partial folder of
`Folder` survive an interruption, and the stage's function continues from them.
"""

import errno
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import RawIOBase
from pathlib import Path
from typing import Any, Generic, Self, TypeVar

from itertl.disk.rows import read_rows
from itertl.errors import DataError, RunDirectoryError
from itertl.records import Record

R = TypeVar("R", bound=Record)
PARTIAL = ".partial"
DISK_FAULTS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EIO, errno.EFBIG}


@dataclass(frozen=True)
class Rows(Generic[R]):
    """Records of one type in a JSONL file."""

    name: str
    record: type[R]

    def at(self, folder: str) -> Self:
        """Return the same artefact below `folder`."""
        return replace(self, name=f"{folder}/{self.name}")


@dataclass(frozen=True)
class Value(Generic[R]):
    """One record in a JSON file."""

    name: str
    record: type[R]

    def at(self, folder: str) -> Self:
        """Return the same artefact below `folder`."""
        return replace(self, name=f"{folder}/{self.name}")


@dataclass(frozen=True)
class Folder:
    """A directory that a function fills."""

    name: str

    def at(self, folder: str) -> Self:
        """Return the same artefact below `folder`."""
        return replace(self, name=f"{folder}/{self.name}")


class Stream(Generic[R]):
    """The rows of a stage, read from disk or computed while they are consumed; may be iterated again and again.

    `produce(done)` yields the rows that follow the ones in `done`. Each row is on disk before it is handed out.
    """

    def __init__(
        self,
        path: Path,
        record: type[R],
        produce: Callable[[Sequence[R]], Iterable[R]],
        finished: Callable[[], None] = lambda: None,
    ) -> None:
        self.path = path
        self._record = record
        self._produce = produce
        self._finished = finished
        self._running = False

    def __iter__(self) -> Iterator[R]:
        if self.path.exists():
            yield from read_records(self.path, self._record)
            return
        if self._running:
            raise RuntimeError(f"{self.path} is consumed twice at the same time")
        self._running = True
        try:
            yield from self._compute()
        finally:
            self._running = False

    def drain(self) -> None:
        """Compute whatever is missing."""
        for _ in self:
            pass

    def _compute(self) -> Iterator[R]:
        partial = self.path.with_name(self.path.name + PARTIAL)
        with disk_faults(partial):
            partial.parent.mkdir(parents=True, exist_ok=True)
            done = _recover(partial, self._record)
            file = partial.open("ab", buffering=0)  # nothing is left to flush when the disk is full
        with file:
            yield from done
            for record in self._produce(done):
                with disk_faults(partial):
                    _write_all(file, (record.to_json() + "\n").encode())
                yield record
            with disk_faults(partial):
                os.fsync(file.fileno())
        with disk_faults(partial):
            partial.rename(self.path)
        self._finished()


def write_value(path: Path, record: Record) -> None:
    """Write one record as JSON, atomically."""
    write_text(path, json.dumps(record.to_dict(), indent=1) + "\n")


def read_value(path: Path, record: type[R]) -> R:
    """Read one record; raise DataError where the file is not that."""
    try:
        return record.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except ValueError as error:
        raise DataError(f"{path} does not hold a {record.__name__}: {error}; delete it to compute it again") from error


def write_text(path: Path, text: str) -> None:
    """Write a text file so that it exists whole or not at all."""
    partial = path.with_name(path.name + PARTIAL)
    with disk_faults(partial):
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)


def read_records(path: Path, record: type[R]) -> Iterator[R]:
    """Yield the records of a JSONL file; raise DataError that names the file where one cannot be read."""
    for row in read_rows(path):
        try:
            yield record.from_dict(row)
        except DataError as error:
            raise DataError(f"{path}: {error}") from error


def fill_folder(path: Path, fill: Callable[[Path], Any]) -> None:
    """Let `fill` write into the partial folder, then give it its name."""
    partial = path.with_name(path.name + PARTIAL)
    with disk_faults(partial):
        partial.mkdir(parents=True, exist_ok=True)
        fill(partial)
        partial.rename(path)


@contextmanager
def disk_faults(path: Path) -> Iterator[None]:
    """Turn what a full, read-only or broken disk raises inside the block into a RunDirectoryError.

    Libraries that write through native code wrap the operating system's message in types of their own.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in DISK_FAULTS:
            raise
        raise _disk_error(path, error) from error
    except Exception as error:
        if "No space left on device" not in str(error) and "os error 28" not in str(error):
            raise
        raise _disk_error(path, error) from error


def _disk_error(path: Path, error: Exception) -> RunDirectoryError:
    reason = error.strerror if isinstance(error, OSError) else "No space left on device"
    return RunDirectoryError(
        f"cannot write {path}: {reason}; nothing finished is lost: make room or give access, and run the same "
        "command again"
    )


def _write_all(file: RawIOBase, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[file.write(view) or 0 :]


def _recover(partial: Path, record: type[R]) -> list[R]:
    """Return the whole rows of an interrupted file and cut off a torn last line."""
    if not partial.exists():
        return []
    data = partial.read_bytes()
    whole = data.rfind(b"\n") + 1
    if whole < len(data):
        os.truncate(partial, whole)
    return list(read_records(partial, record))
