"""Which way to the cluster: through a process of its own, or Ray in this process, where somebody has initialised it.

    link, hello = open_link("auto", cores, needed, sandbox) ; keep_link(link, idle=True)

Gateways stay: the stages of a run follow one another, and the workers of the nodes stay with the gateway.
"""

import atexit
import os
import sys
import threading
from importlib.util import find_spec
from typing import Protocol

from itertl.verify.cluster.address import AUTO
from itertl.verify.cluster.gateway import Gateway
from itertl.verify.cluster.link import LinkLostError, RayLink, import_ray
from itertl.verify.cluster.wire import Hello, Report

__all__ = ["Link", "LinkLostError", "keep_link", "open_link"]

_Kind = tuple[str, int, tuple[str, ...], str]
_idle: dict[_Kind, list[Gateway]] = {}
_kinds: dict[int, _Kind] = {}
_lock = threading.Lock()


class Link(Protocol):
    """What a pool talks to: packed orders go out, reports come back."""

    def send(self, number: int, data: bytes) -> None:
        """Hand over order `number`, packed."""

    def receive(self, wait: float) -> list[Report]:
        """Return what has come back after at most `wait` seconds; raise LinkLostError where nothing ever will."""

    def close(self) -> None:
        """Cancel what is still awaited."""


def open_link(place: str, cores: int, needed: tuple[str, ...], sandbox: str) -> tuple[Link, Hello]:
    """Return a way to the cluster and what is there; raise MissingToolError where Ray is not installed."""
    if place == AUTO and initialised():
        own = RayLink(away=True)
        return own, Hello(own.nodes(needed, sandbox))
    if find_spec("ray") is None:
        import_ray()
    kind = (place, cores, needed, sandbox)
    with _lock:
        while waiting := _idle.get(kind):
            gateway = waiting.pop()
            if gateway.process.poll() is None:
                return gateway, gateway.hello
            gateway.close()
    gateway = Gateway(place, cores, needed, sandbox)
    _kinds[id(gateway)] = kind
    return gateway, gateway.hello


def keep_link(link: Link, idle: bool) -> None:
    """Take a link back: one that is `idle` may serve the next pool."""
    kind = _kinds.get(id(link))
    if idle and kind is not None and isinstance(link, Gateway):
        with _lock:
            _idle.setdefault(kind, []).append(link)
        return
    _kinds.pop(id(link), None)
    link.close()


def initialised() -> bool:
    """Return True where this process is connected to a cluster by somebody else."""
    return "ray" in sys.modules and bool(import_ray().is_initialized())


def _close_all() -> None:
    for gateways in _idle.values():
        for gateway in gateways:
            gateway.close()
    _idle.clear()


def _forget() -> None:
    """In a forked child: the gateways are the parent's."""
    global _lock
    _lock = threading.Lock()
    _idle.clear()
    _kinds.clear()


os.register_at_fork(after_in_child=_forget)
atexit.register(_close_all)
