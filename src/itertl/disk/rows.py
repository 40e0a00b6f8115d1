"""JSONL files, plain or gzip, read line by line: a file may be larger than memory.

for line, row in numbered_rows(Path("rows.jsonl.gz")): ...
"""

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, cast

from itertl.errors import DataError
from itertl.records import Record


def open_bytes(path: Path) -> IO[bytes]:
    """Open a file, unpacked where its name ends in .gz; raise DataError where it cannot be read."""
    try:
        if path.is_dir():
            raise DataError(f"{path} is a directory; expected a JSONL file")
        return cast("IO[bytes]", gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")
    except FileNotFoundError as error:
        raise DataError(f"{path} does not exist; expected a JSONL file") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error}") from error


def numbered_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each object of a JSONL file behind its line number, from 1; empty lines are skipped.

    Raise DataError that names file and line where one is not an object.
    """
    with open_bytes(path) as file:
        number = 0
        while True:
            number += 1
            try:
                line = file.readline()
            except (OSError, EOFError, zlib.error) as error:
                raise DataError(f"{path}:{number}: cannot be read: {error}") from error
            if not line:
                return
            if line.strip():
                yield number, _parse(line, f"{path}:{number}")


def _parse(line: bytes, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise DataError(f"{where}: not valid JSON ({error.msg}); expected one object a line") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{where}: not UTF-8 ({error.reason}); expected one JSON object a line") from error
    except RecursionError as error:
        raise DataError(f"{where}: nested too deeply; expected one flat JSON object a line") from error
    if not isinstance(row, dict):
        raise DataError(f"{where}: expected a JSON object, found {type(row).__name__}")
    return row


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of a JSONL file; raise DataError that names file and line where one is not an object."""
    return (row for _, row in numbered_rows(path))


def write_rows(path: Path, records: Iterable[Record]) -> int:
    """Write `records` to `path` as JSONL and return their number."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for record in records:
            file.write(record.to_json() + "\n")
            count += 1
    return count
