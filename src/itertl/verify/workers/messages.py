"""Messages between a pool and its workers: pickled records behind their length (8 bytes, big-endian).

    send(descriptor, Job(...)) ; receive(descriptor)  ->  Answer(...), None at the end of the pipe

A worker handles hostile code, so what it sends must not make the reader act. Reading builds plain values and records
of this package, calls nothing else, and ends the run where a message asks for more.
"""

import dataclasses
import io
import os
import pickle
from enum import Enum
from pathlib import PosixPath
from typing import Any

from itertl.errors import ToolError

_PLAIN = {("pathlib", "PosixPath"): PosixPath, ("builtins", "frozenset"): frozenset, ("builtins", "set"): set}


class _Reader(pickle.Unpickler):
    """Knows dataclasses, enumerations and named tuples of this package, and three types beside them."""

    def find_class(self, module: str, name: str) -> Any:
        """Return the class if a message may hold its instances, else raise ToolError."""
        if (plain := _PLAIN.get((module, name))) is not None:
            return plain
        if module.startswith("itertl."):
            found = super().find_class(module, name)
            own = isinstance(found, type) and found.__module__ == module
            if own and (dataclasses.is_dataclass(found) or issubclass(found, Enum | tuple)):
                return found
        raise ToolError(f"a verification worker answered with {module}.{name}, which is no record: do not trust it")


def send(descriptor: int, message: object) -> None:
    """Write one message to a pipe."""
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    rest = memoryview(len(data).to_bytes(8, "big") + data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def receive(descriptor: int) -> Any:
    """Read one message and not a byte more, so that `select` knows of the next; return None at the end of the pipe.

    Raise ToolError for a message that holds anything but records.
    """
    head = _read(descriptor, 8)
    data = _read(descriptor, int.from_bytes(head, "big")) if len(head) == 8 else b""
    return _Reader(io.BytesIO(data)).load() if data else None


def _read(descriptor: int, count: int) -> bytes:
    """Return `count` bytes, or fewer where the pipe ends."""
    parts, missing = [], count
    while missing and (part := os.read(descriptor, min(missing, 1 << 20))):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts) if not missing else b""
