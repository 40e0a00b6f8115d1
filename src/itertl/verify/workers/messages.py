"""Messages between a pool and its workers: pickled records behind their length (8 bytes, big-endian).

    send(descriptor, Job(...)) ; receive(descriptor)  ->  Answer(...), None at the end of the pipe        in a worker
    channel.send(Job(...)) ; channel.receive()  ->  ([Answer(...), ...], ended)                          in a pool

A worker may block at either pipe; the pool, which has many, never does: what a pipe does not take waits in its
channel, so that two sides that write at once, however much, cannot wait for each other.

A worker handles hostile code, so what it sends must not make the reader act. Reading builds plain values and records
of this package, calls nothing else, and ends the run where a message asks for more.
"""

import dataclasses
import io
import os
import pickle
from collections.abc import Iterator
from enum import Enum
from typing import Any

from itertl.errors import ToolError

_HEAD = 8  # bytes of a message's length
_PORTION = 1 << 16  # bytes that are written or read at once
_LARGEST = 1 << 30  # bytes of an answer
_PLAIN = {("builtins", "frozenset"): frozenset, ("builtins", "set"): set}


class _Reader(pickle.Unpickler):
    """Knows dataclasses, enumerations and named tuples of this package, and two types beside them."""

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


class Channel:
    """The pool's ends of both pipes of a worker, neither of which it ever waits at."""

    def __init__(self, outgoing: int, incoming: int) -> None:
        """Write to `outgoing` and read from `incoming`, descriptors that stay the caller's to close."""
        self.outgoing, self.incoming = outgoing, incoming
        self._unwritten, self._unread = bytearray(), bytearray()
        for descriptor in (outgoing, incoming):
            os.set_blocking(descriptor, False)

    @property
    def full(self) -> bool:
        """True if the pipe has not taken all that was sent; `flush` goes on."""
        return bool(self._unwritten)

    def send(self, message: object) -> None:
        """Hand over one message, now or, as far as the pipe is full, by later calls of `flush`."""
        self._unwritten += _with_length(packed(message))
        self.flush()

    def flush(self) -> None:
        """Write what the pipe takes; what nobody reads any more is dropped, which `receive` will tell as the end."""
        try:
            while self._unwritten:
                del self._unwritten[: os.write(self.outgoing, self._unwritten[:_PORTION])]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self._unwritten.clear()

    def receive(self) -> tuple[list[Any], bool]:
        """Return the messages that are there, and whether the pipe has ended.

        Raise ToolError for a message that holds anything but records, or is larger than any answer.
        """
        ended = False
        try:
            while part := os.read(self.incoming, _PORTION):
                self._unread += part
            ended = True
        except BlockingIOError:
            pass
        return list(self._messages()), ended

    def _messages(self) -> Iterator[Any]:
        while len(self._unread) >= _HEAD:
            length = int.from_bytes(self._unread[:_HEAD], "big")
            if length > _LARGEST:
                raise ToolError(f"a verification worker announced an answer of {length} bytes: do not trust it")
            if len(self._unread) < _HEAD + length:
                return
            data = bytes(self._unread[_HEAD : _HEAD + length])
            del self._unread[: _HEAD + length]
            yield unpacked(data)


def packed(message: object) -> bytes:
    """Return a message as bytes."""
    return pickle.dumps(message, pickle.HIGHEST_PROTOCOL)


def unpacked(data: bytes) -> Any:
    """Return the message in `data`; raise ToolError where it holds anything but records."""
    return _Reader(io.BytesIO(data)).load()


def _with_length(data: bytes) -> bytes:
    return len(data).to_bytes(_HEAD, "big") + data


def send(descriptor: int, message: object) -> None:
    """Write one message to a pipe, waiting until all of it is taken."""
    rest = memoryview(_with_length(packed(message)))
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def receive(descriptor: int) -> Any:
    """Read one message and not a byte more, so that `select` knows of the next; return None at the end of the pipe.

    Raise ToolError for a message that holds anything but records.
    """
    head = _read(descriptor, _HEAD)
    data = _read(descriptor, int.from_bytes(head, "big")) if len(head) == _HEAD else b""
    return unpacked(data) if data else None


def _read(descriptor: int, count: int) -> bytes:
    """Return `count` bytes, or fewer where the pipe ends."""
    parts, missing = [], count
    while missing and (part := os.read(descriptor, min(missing, 1 << 20))):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts) if not missing else b""
