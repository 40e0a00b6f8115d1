"""A cluster without Ray: orders are answered, lost or left alone as a test says, in this process."""

import dataclasses

import pytest

from itertl.outcome import Outcome
from itertl.records import Verdict
from itertl.verify.cluster import pool as module
from itertl.verify.cluster.links import LinkLostError
from itertl.verify.cluster.nodes import needed_tools, own_tools
from itertl.verify.cluster.wire import Hello, Node, Order, Reply, Report, Tools, pack, unpack
from itertl.verify.judged import Judged, Known
from itertl.verify.workers.worker import Answer

ANSWER, LOSE, REFUSE, SILENT, CUT = "answer", "lose", "refuse", "silent", "cut"
KNOWN = Known("01", 0.1, 0.1)


@dataclasses.dataclass
class FakeCluster:
    """What each task of an order does, in the order of sending; `default` where `script` is at its end."""

    script: list[str] = dataclasses.field(default_factory=list)
    default: str = ANSWER
    cores: int = 2
    tools: Tools = ()
    opened: int = 0
    kept: list[bool] = dataclasses.field(default_factory=list)
    orders: list[Order] = dataclasses.field(default_factory=list)
    out_of_reach: int = 0  # attempts to connect that fail

    def open(self, place: str, cores: int, needed: tuple[str, ...], sandbox: str) -> tuple["FakeLink", Hello]:
        """Stand in for `open_link`."""
        self.opened += 1
        if self.opened > 1 and self.out_of_reach:
            self.out_of_reach -= 1
            return FakeLink(self), Hello(fault="there is no cluster")
        return FakeLink(self), Hello((Node("n1 (aaaa)", float(self.cores), self.tools or own_tools(needed)),))

    def keep(self, link: "FakeLink", idle: bool) -> None:
        """Stand in for `keep_link`."""
        self.kept.append(idle)


class FakeLink:
    """One connection to it."""

    def __init__(self, cluster: FakeCluster) -> None:
        self.cluster = cluster
        self.ready: list[Report] = []
        self.cut = False

    def send(self, number: int, data: bytes) -> None:
        """Do what the script says."""
        cluster = self.cluster
        order: Order = unpack(data)
        cluster.orders.append(order)
        what = cluster.script.pop(0) if cluster.script else cluster.default
        tools = cluster.tools or own_tools(needed_tools(False))
        if what == LOSE:
            self.ready.append(Report(number, lost="NodeDiedError: gone"))
        elif what == REFUSE:
            self.ready.append(Report(number, pack(Reply("n1 (aaaa)", tools, Answer(), "ToolError: broken"))))
        elif what == CUT:
            self.cut = True
        elif what == ANSWER:
            said = [
                Judged(Verdict(order.job.task.id, name, Outcome.PASSED, 1.0, code), learnt=KNOWN if n == 0 else None)
                for n, (name, code) in enumerate(order.job.designs)
            ]
            self.ready.append(Report(number, pack(Reply("n1 (aaaa)", tools, Answer(tuple(said))))))

    def receive(self, wait: float) -> list[Report]:
        """Give what is ready, the latest first."""
        if self.cut:
            raise LinkLostError("the connection to the cluster has ended (status 1)")
        found, self.ready = self.ready[::-1], []
        return found

    def close(self) -> None:
        """Do nothing."""


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> FakeCluster:
    """Let pools reach a fake cluster, whose pauses are short."""
    fake = FakeCluster()
    monkeypatch.setattr(module, "open_link", fake.open)
    monkeypatch.setattr(module, "keep_link", fake.keep)
    monkeypatch.setattr(module, "_PAUSE", 0.001)
    monkeypatch.setattr(module, "_LOOK", 0.0)
    return fake
