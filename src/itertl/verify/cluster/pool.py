"""The pool whose workers are a cluster's: the interface of `itertl.verify.workers.pool.Pool`, the same answers.

    with ClusterPool(settings) as pool: pool.submit(job) ; pool.collect(None)  ->  [Judged, ...]

What Ray says about a task is never a verdict. A task that is lost, with its node, its process or its connection, is
handed out again, after a pause that grows; one that takes far longer than the others is also given to somebody else,
and the first answer counts. Of an order the pool takes one answer: whatever comes later is dropped. A job that is lost
each time is a tool error, which the caller counts and tries again.
"""

import dataclasses
import itertools
import logging
import statistics
import time
from collections import Counter, deque
from collections.abc import Sequence
from typing import Generic, cast

from itertl.errors import ToolError
from itertl.verify.cluster.address import read_address
from itertl.verify.cluster.links import LinkLostError, keep_link, open_link
from itertl.verify.cluster.nodes import needed_tools, own_tools, refuse_unlike
from itertl.verify.cluster.wire import Order, Reply, Report, pack, unpack
from itertl.verify.judged import Judged, R
from itertl.verify.settings import VerifySettings
from itertl.verify.workers.worker import AnyJudged, Job
from itertl.words import counted

AHEAD = 2  # orders for each core: one in work, one to go on with
LOSSES = 6  # of an order, after which it is a tool error
RECONNECT = 600.0  # seconds in which a cluster that is gone may come back
DEADLINE = 1800.0  # seconds after which an order that nobody has answered counts as lost
_PAUSE, _LONGEST_PAUSE = 0.5, 30.0  # seconds before an order that was lost is handed out again, at first and at most
_MOST_BROKEN = 8  # orders in a row that a node refuses
_LATE, _TIMES = 20.0, 5.0  # seconds, and times the median, after which an order is given to a second node
_LOOK = 1.0  # seconds between looks at what is late

log = logging.getLogger("itertl")
_numbers = itertools.count(1)


@dataclasses.dataclass(slots=True)
class _Ticket:
    """An order on its way: how many tasks are at it, since when, and what has become of earlier ones."""

    number: int
    job: Job
    data: bytes
    tasks: int = 0
    sent: float = 0.0
    losses: int = 0
    due: float = 0.0  # when it may be handed out again


@dataclasses.dataclass(slots=True)
class Traffic:
    """What has gone to the cluster and come back: tasks, bytes as packed, and tasks that a second node got, too."""

    tasks: int = 0
    sent: int = 0
    received: int = 0
    copies: int = 0


class ClusterPool(Generic[R]):
    """Nodes that judge jobs; use as a context manager, which connects and, at the end, cancels what is left.

    `modules` are a user's, which workers import before they confine themselves. `yosys` says that its version counts.
    """

    def __init__(self, settings: VerifySettings, modules: Sequence[str] = (), yosys: bool = False) -> None:
        """Read the address; raise ConfigError where it is none."""
        self._settings = settings
        self._address = read_address(settings.cluster)
        self._modules = tuple(modules)
        self._needed = needed_tools(yosys or settings.formal or settings.cross_check != "off")
        self._tickets: dict[int, _Ticket] = {}  # handed out
        self._queue: deque[_Ticket] = deque()
        self._paused: list[_Ticket] = []
        self._took: deque[float] = deque(maxlen=64)  # seconds, of the latest answers
        self._broken: Counter[str] = Counter()  # orders in a row that a node has refused
        self._looked = 0.0
        self.traffic = Traffic()

    def __enter__(self) -> "ClusterPool[R]":
        self._own = own_tools(self._needed)
        self._allowed = self._address.allowed | frozenset(self._own)
        self._connect()
        return self

    def __exit__(self, *details: object) -> None:
        keep_link(self._link, idle=not self._tickets)
        self._tickets.clear()

    def _connect(self) -> None:
        self._link, hello = open_link(self._address.place, self._settings.workers, self._needed, self._settings.sandbox)
        try:
            if hello.fault:
                raise ToolError(hello.fault)
            refuse_unlike(hello.nodes, self._own, self._address.allowed)
        except ToolError:
            keep_link(self._link, idle=False)
            raise
        self._cores = sum(int(node.cores) for node in hello.nodes)

    @property
    def room(self) -> int:
        """How many designs may be under way at once, so that no core waits for work."""
        return AHEAD * self._cores * self._settings.together

    def submit(self, job: Job) -> None:
        """Queue a job and hand out what the cluster can take."""
        job = dataclasses.replace(job, settings=dataclasses.replace(job.settings.of_a_worker, workers=1))
        order = Order(job, self._modules, self._needed, self._allowed)
        self._queue.append(_Ticket(next(_numbers), job, pack(order)))
        self._hand_out()

    def collect(self, wait: float | None) -> list[Judged[R]]:
        """Return the answers that have arrived, after waiting at most `wait` seconds (None: until there are some)."""
        while True:
            self._hand_out()
            if not (self._tickets or self._queue or self._paused):
                if wait is None:
                    raise ToolError("verification has lost a job: no node is at work on what is still awaited")
                return []
            arrived: list[AnyJudged] = []
            try:
                for report in self._link.receive(_LOOK if wait is None else wait):
                    arrived += self._take(report)
            except LinkLostError as error:
                self._reconnect(error)
            arrived += self._look_after()
            if arrived or wait is not None:
                self._hand_out()
                return cast("list[Judged[R]]", arrived)

    def _hand_out(self) -> None:
        while self._queue and len(self._tickets) < AHEAD * self._cores:
            ticket = self._queue.popleft()
            self._tickets[ticket.number] = ticket
            self._send(ticket)

    def _send(self, ticket: _Ticket) -> None:
        ticket.tasks += 1
        ticket.sent = time.monotonic()
        self.traffic.tasks += 1
        self.traffic.sent += len(ticket.data)
        self._link.send(ticket.number, ticket.data)

    def _take(self, report: Report) -> list[AnyJudged]:
        """Return the answers of a report, none where the order is handed out again or has been answered already."""
        ticket = self._tickets.get(report.number)
        if ticket is None:
            return []
        self.traffic.received += len(report.data)
        if report.lost:
            ticket.tasks -= 1
            return [] if ticket.tasks else self._lose(ticket, report.lost)
        reply: Reply = unpack(report.data)
        if reply.fault:
            return self._refused(ticket, reply)
        self._broken.pop(reply.node, None)
        self._took.append(time.monotonic() - ticket.sent)
        del self._tickets[ticket.number]
        return self._marked(reply)

    def _marked(self, reply: Reply) -> list[AnyJudged]:
        """Return what a node has judged, marked where its tools are others than those here."""
        if reply.tools == self._own:
            return list(reply.answer.judged)
        return [dataclasses.replace(judged, learnt=None, elsewhere=True) for judged in reply.answer.judged]

    def _refused(self, ticket: _Ticket, reply: Reply) -> list[AnyJudged]:
        """Hand the order out again; raise ToolError where the same node refuses one after another."""
        self._broken[reply.node] += 1
        if self._broken[reply.node] >= _MOST_BROKEN:
            raise ToolError(
                f"the node {reply.node} cannot verify: {reply.fault}; repair it (`itertl doctor` there), or take it "
                "out of the cluster, then the same command goes on"
            )
        ticket.tasks -= 1
        return [] if ticket.tasks else self._lose(ticket, f"{reply.node}: {reply.fault}")

    def _lose(self, ticket: _Ticket, how: str) -> list[AnyJudged]:
        """Let an order wait for its next attempt; say that it is a tool error where it was lost each time."""
        del self._tickets[ticket.number]
        ticket.losses += 1
        if ticket.losses >= LOSSES:
            return list(ticket.job.without_answer(f"the cluster lost it {counted(ticket.losses, 'times')}: {how}"))
        log.info("the cluster lost an order, which is handed out again: %s", how)
        ticket.due = time.monotonic() + min(_PAUSE * 2 ** (ticket.losses - 1), _LONGEST_PAUSE)
        ticket.tasks = 0
        self._paused.append(ticket)
        return []

    def _look_after(self) -> list[AnyJudged]:
        """Go on with what has paused long enough, and with what is late."""
        now = time.monotonic()
        if now - self._looked < _LOOK:
            return []
        self._looked = now
        for ticket in [t for t in self._paused if t.due <= now]:
            self._paused.remove(ticket)
            self._queue.appendleft(ticket)
        late = max(_LATE, _TIMES * statistics.median(self._took)) if self._took else DEADLINE
        lost: list[AnyJudged] = []
        for ticket in list(self._tickets.values()):
            if now - ticket.sent > DEADLINE:
                lost += self._lose(ticket, f"no answer for {DEADLINE:g} s")
            elif ticket.tasks == 1 and not self._queue and now - ticket.sent > late:
                self.traffic.copies += 1
                self._send(ticket)
        return lost

    def _reconnect(self, error: LinkLostError) -> None:
        """Connect again, and hand out once more what had no answer; raise ToolError where the cluster stays away."""
        log.warning("%s; connecting again", error)
        keep_link(self._link, idle=False)
        deadline, pause = time.monotonic() + RECONNECT, _PAUSE
        while True:
            try:
                self._connect()
                break
            except ToolError as why:
                if time.monotonic() + pause > deadline:
                    raise ToolError(
                        f"the cluster is gone and has not come back within {RECONNECT:g} s ({why}); what is finished "
                        "is kept, and the same command goes on"
                    ) from why
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
        for ticket in reversed(self._tickets.values()):
            ticket.tasks = 0
            self._queue.appendleft(ticket)
        self._tickets.clear()
