"""The way to Ray: connect, look at the nodes, hand over orders, take what comes back.

    link = connect("auto") ; link.nodes(needed, sandbox) ; link.send(number, data) ; link.receive(1.0)  ->  [Report]

Orders are plain tasks with one core; Ray tries none of them twice, because the pool does, which knows what they hold.
Nothing is ever started but by the address `local`, and no usage statistics are sent by what is.
"""

import contextlib
import logging
import os
import queue
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from itertl.errors import MissingToolError, ToolError
from itertl.verify.cluster.address import LOCAL
from itertl.verify.cluster.node import judge, named
from itertl.verify.cluster.wire import Node, Report, Tools

NO_STATISTICS = {"RAY_USAGE_STATS_ENABLED": "0"}
_AS_EVERYBODY = {"RAY_worker_niceness": "0"}  # by itself 15: a busy machine starves it
_LOOKS = 120.0  # seconds that all nodes together may take to tell their tools
_STORE = 100 << 20  # bytes of the object store of a cluster that is started here: answers do without one
_QUOTED = 300  # characters of Ray's messages
_SILENT = 10.0  # seconds without a report after which, again and again, this node is looked for among the cluster's
_MISSED = 2  # times that it is not there, one behind the other, after which it has gone


class LinkLostError(ToolError):
    """There is no way to the cluster any more."""


class RayLink:
    """Orders as tasks of the cluster that this process is connected to; `away` keeps them off this node if it can."""

    def __init__(self, away: bool = False, started: Callable[[], None] | None = None) -> None:
        """Take the connection that there is; `started` ends it with the link."""
        import ray

        self._ray: Any = ray
        self._node = str(ray.get_runtime_context().get_node_id())
        self._options: dict[str, Any] = {"label_selector": self._elsewhere()} if away else {}
        self._judge = ray.remote(num_cpus=1, max_retries=0)(judge).options(name="itertl verify", **self._options)
        self._refs: dict[int, Any] = {}
        self._sent = 0
        self._reports: queue.SimpleQueue[Report | None] = queue.SimpleQueue()
        self._started = started
        self._gone = ""  # why nothing comes back any more
        self._heard, self._missed = time.monotonic(), 0

    def _elsewhere(self) -> dict[str, str]:
        """Return the labels of all nodes but this one; none where no other has a core."""
        away = any(node["NodeID"] != self._node for node in self._working())
        return {"ray.io/node-id": f"!{self._node}"} if away else {}

    def _look_for_own_node(self) -> None:
        """Take note where this machine's node is none of the cluster: a new head at the old address has never seen it.

        Ray says nothing then, and its tasks wait for ever.
        """
        self._heard = time.monotonic()
        try:
            there = any(node["NodeID"] == self._node and node["Alive"] for node in self._ray.nodes())
        except Exception:  # the head does not answer: Ray itself ends this process where that lasts
            return
        self._missed = 0 if there else self._missed + 1
        if self._missed >= _MISSED:
            self._gone = "its node is not known to the head any more"

    def _working(self) -> list[dict[str, Any]]:
        """Return Ray's rows about the nodes that are alive and have a core."""
        return [node for node in self._ray.nodes() if node["Alive"] and node["Resources"].get("CPU", 0) >= 1]

    def nodes(self, needed: tuple[str, ...], sandbox: str) -> tuple[Node, ...]:
        """Return the nodes that get orders, each with its tools, or with what is in the way; none that has gone."""
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        alive = self._working()
        look = self._ray.remote(num_cpus=0, max_retries=1)(_looker())
        asked = []
        for node in alive:
            there = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
            asked.append(look.options(scheduling_strategy=there).remote(needed, sandbox))
        self._ray.wait(asked, num_returns=len(asked), timeout=_LOOKS) if asked else None
        seen = (self._seen(node, ref) for node, ref in zip(alive, asked, strict=True))
        return tuple(node for node in seen if node is not None)

    def _seen(self, node: dict[str, Any], ref: Any) -> Node | None:
        name = named(node["NodeManagerHostname"], node["NodeID"])
        try:
            tools, fault = self._ray.get(ref, timeout=0.1)
        except self._ray.exceptions.GetTimeoutError:
            tools, fault = (), f"it has not answered within {_LOOKS:g} s"
        except self._ray.exceptions.TaskUnschedulableError:  # Ray still listed a node that had ended
            return None
        except self._ray.exceptions.RayError as error:
            tools, fault = (), _told(error)
        return Node(name, float(node["Resources"]["CPU"]), tools, fault)

    def send(self, number: int, data: bytes) -> None:
        """Hand over order `number`, packed."""
        self._sent += 1
        copy, ref = self._sent, self._judge.remote(data)
        self._refs[copy] = ref
        ref.future().add_done_callback(lambda future: self._arrived(number, copy, future))

    def _arrived(self, number: int, copy: int, future: "Future[bytes]") -> None:
        self._refs.pop(copy, None)
        try:
            self._reports.put(Report(number, future.result()))
        except self._ray.exceptions.LocalRayletDiedError as error:
            self._gone = _told(error)
            self.wake()
        except BaseException as error:  # whatever ended the task: it is told, and nothing here waits for ever
            self._reports.put(Report(number, lost=_told(error)))

    def receive(self, wait: float) -> list[Report]:
        """Return what has come back, after waiting at most `wait` seconds for the first of it.

        Raise LinkLostError where this machine is no node of the cluster any more.
        """
        found: list[Report | None] = []
        with contextlib.suppress(queue.Empty):
            found.append(self._reports.get(timeout=wait) if wait > 0 else self._reports.get_nowait())
            while True:
                found.append(self._reports.get_nowait())
        if found:
            self._heard, self._missed = time.monotonic(), 0
        elif self._refs and time.monotonic() - self._heard > _SILENT:
            self._look_for_own_node()
        if self._gone:
            raise LinkLostError(f"the cluster has gone from this machine ({self._gone})")
        return [report for report in found if report is not None]

    def wake(self) -> None:
        """End a `receive` that waits in another thread."""
        self._reports.put(None)

    def close(self) -> None:
        """Cancel what is still awaited, and the connection where it was made here."""
        for ref in list(self._refs.values()):
            with contextlib.suppress(Exception):
                self._ray.cancel(ref, force=True)
        self._refs.clear()
        if self._started is not None:
            self._started()


def connect(place: str, cores: int = 0) -> RayLink:
    """Connect this process to a cluster; with `local`, start one that has `cores` cores (0: all) and ends with it.

    Raise MissingToolError where Ray is not installed, ToolError where the cluster cannot be reached.
    """
    os.environ.update(NO_STATISTICS)
    ray = import_ray()
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
    try:
        if place == LOCAL:
            os.environ.update(_AS_EVERYBODY)
            own = cores or len(os.sched_getaffinity(0))
            ray.init("local", num_cpus=own, object_store_memory=_STORE, include_dashboard=False, **quiet)
        else:
            ray.init(place, **quiet)
    except (ConnectionError, OSError, ValueError, RuntimeError) as error:
        raise ToolError(no_cluster(place, _told(error))) from error
    return RayLink(started=ray.shutdown)


def no_cluster(place: str, why: str) -> str:
    """Return the sentence about a cluster that cannot be reached."""
    return (
        f"there is no cluster at {place!r} for this machine ({why}); expected one that runs, with a node here "
        "(`ray start --head`, or `ray start --address=HEAD:6379`), or the address local, which starts one here"
    )


def import_ray() -> Any:
    """Return the module; raise MissingToolError where it is not installed."""
    try:
        import ray
    except ImportError as error:
        raise MissingToolError(
            "verification on a cluster needs Ray, which is not installed: pip install 'itertl[ray]'"
        ) from error
    return ray


def _looker() -> Callable[[tuple[str, ...], str], tuple[Tools, str]]:
    """Return a function that travels to a node by value: it has to arrive where there is no itertl, too."""

    def look(needed: tuple[str, ...], sandbox: str) -> tuple[Tools, str]:
        try:
            from itertl.tools.sandbox.keeper import require
            from itertl.verify.cluster.nodes import own_tools

            if sandbox == "required":
                require()
            return own_tools(needed), ""
        except Exception as error:
            return (), f"{type(error).__name__}: {error}"

    return look


def _told(error: BaseException) -> str:
    lines: Sequence[str] = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[-1] if 'Traceback' in lines[0] or 'ray::' in lines[0] else lines[0]}"[
        :_QUOTED
    ]
