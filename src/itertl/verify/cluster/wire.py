"""What travels between the pool, the gateway and the nodes: plain records, packed and made small.

    data = pack(Order(...))  ->  bytes          unpack(data)  ->  Order(...)

A node's answer began in a worker that handles hostile code: reading it builds records of this package and calls
nothing (`itertl.verify.workers.messages`).
"""

import dataclasses
import zlib
from typing import Any

from itertl.verify.workers.messages import packed, unpacked
from itertl.verify.workers.worker import Answer, Job

Tools = tuple[tuple[str, str], ...]  # (name, version)
_LEVEL = 1  # of zlib: Verilog shrinks to a third in a few microseconds
_LARGEST = 1 << 30  # bytes that a message may unfold to


@dataclasses.dataclass(frozen=True, slots=True)
class Order:
    """A job for a node: `modules` are imported by its workers, `allowed` are the tools that it may have."""

    job: Job
    modules: tuple[str, ...]
    needed: tuple[str, ...]  # names of the tools whose versions count
    allowed: frozenset[tuple[str, str]]


@dataclasses.dataclass(frozen=True, slots=True)
class Reply:
    """What a node says to an order. With a `fault` it refuses to work, for the reason given there."""

    node: str
    tools: Tools
    answer: Answer
    fault: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Node:
    """A node of the cluster: its name for people, the cores that Ray gives out, its tools, and what keeps it off."""

    name: str
    cores: float
    tools: Tools = ()
    fault: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Hello:
    """The first thing that is heard of a cluster: its nodes, or why there is none."""

    nodes: tuple[Node, ...] = ()
    fault: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Parcel:
    """Order `number` on its way to Ray, packed."""

    number: int
    data: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class Report:
    """What Ray gave back for a parcel: a packed reply, or in `lost` how the task ended without one."""

    number: int
    data: bytes = b""
    lost: str = ""


def pack(message: object) -> bytes:
    """Return a record as bytes."""
    return zlib.compress(packed(message), _LEVEL)


def unpack(data: bytes) -> Any:
    """Return the record in `data`; raise ToolError where it holds anything else, or unfolds without measure."""
    unfolding = zlib.decompressobj()
    return unpacked(unfolding.decompress(data, _LARGEST))
