"""The process between a pool and Ray, from both sides: it is the Ray driver, so that nothing of Ray can end a run.

    gateway = Gateway(place, cores, needed, sandbox)  ->  gateway.hello ; gateway.send(...) ; gateway.receive(1.0)

    python -P -c "from itertl.verify.cluster.gateway import start; start()" PLACE CORES NEEDED SANDBOX PARENT

Ray ends its driver where the head is gone for a minute. Here that is the end of a pipe, after which the pool begins
again with what is not answered. The gateway, and with it all tasks of the pool, ends with the pipe from its pool, that
is also by kill -9 of the run.
"""

import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
import time
from typing import IO, cast

from itertl.errors import ItertlError
from itertl.tools.process import await_end, interrupts_held
from itertl.tools.sandbox.keeper import goes_down_with
from itertl.verify.cluster.link import NO_STATISTICS, LinkLostError, RayLink, connect, no_cluster
from itertl.verify.cluster.wire import Hello, Parcel, Report
from itertl.verify.workers.messages import Channel, receive, send

_COMMAND = "from itertl.verify.cluster.gateway import start; start()"
_FAREWELL = 20.0  # seconds that a gateway may take to leave the cluster
_GREETING = 300.0  # seconds that it may take to connect and to ask all nodes for their tools
_LOOK = 1.0  # seconds


class Gateway:
    """A gateway process, from the pool's side."""

    def __init__(self, place: str, cores: int, needed: tuple[str, ...], sandbox: str) -> None:
        """Start the process and wait for what it says of the cluster; raise LinkLostError where that never comes."""
        with interrupts_held():
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-c", _COMMAND, place, str(cores), ",".join(needed), sandbox, str(os.getpid())],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
                env=os.environ | NO_STATISTICS,
            )
        self._jobs, self._answers = cast(IO[bytes], self.process.stdin), cast(IO[bytes], self.process.stdout)
        self._channel = Channel(self._jobs.fileno(), self._answers.fileno())
        self._poll = select.poll()
        self._poll.register(self._answers, select.POLLIN)
        self._place = place
        self.hello = self._greeting()

    def _greeting(self) -> Hello:
        deadline = time.monotonic() + _GREETING
        try:
            while time.monotonic() < deadline:
                for message in self._messages(_LOOK):
                    if isinstance(message, Hello):
                        return message
            raise LinkLostError(f"the cluster has said nothing within {_GREETING:g} s")
        except LinkLostError as error:
            self.close()
            raise LinkLostError(no_cluster(self._place, str(error))) from error
        except BaseException:
            self.close()
            raise

    def send(self, number: int, data: bytes) -> None:
        """Hand over order `number`, packed."""
        self._channel.send(Parcel(number, data))

    def receive(self, wait: float) -> list[Report]:
        """Return what has come back after at most `wait` seconds; raise LinkLostError at the gateway's end."""
        return [message for message in self._messages(wait) if isinstance(message, Report)]

    def _messages(self, wait: float) -> list[object]:
        if self._channel.full:
            self._channel.flush()
            wait = min(wait, 0.01)
        if not self._poll.poll(wait * 1000.0):
            return []
        messages, ended = self._channel.receive()
        if ended and not messages:
            raise LinkLostError(f"the connection has ended, status {self._status()}")
        return list(messages)

    def _status(self) -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.process.wait(timeout=_LOOK)
        return None

    def close(self) -> None:
        """End the process, and with it all its tasks."""
        with contextlib.suppress(BrokenPipeError):
            self._jobs.close()
        await_end(self.process, _FAREWELL)
        self._answers.close()


def start() -> None:
    """Be a gateway: what `Gateway` has put there stands on the command line."""
    place, cores, needed, sandbox, parent = sys.argv[1:6]
    if not goes_down_with(int(parent)):  # a child that the parent forks may hold the other end of the pipe
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the pool decides what an interrupt means
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # the pool has held them until now
    jobs, answers = os.dup(0), os.dup(1)
    os.dup2(2, 1)  # nothing but reports may reach the pool's pipe
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    try:
        link = connect(place, int(cores))
    except ItertlError as error:
        send(answers, Hello(fault=str(error)))
        return
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))  # Ray's own handler prints where it was
    try:
        send(answers, Hello(link.nodes(tuple(needed.split(",")), sandbox)))
        _serve(link, jobs, answers)
    except BrokenPipeError:
        pass
    finally:
        link.close()


def _serve(link: RayLink, jobs: int, answers: int) -> None:
    """Pass on parcels and reports until the pool is gone."""
    ended = threading.Event()

    def listen() -> None:
        try:
            while (parcel := receive(jobs)) is not None:
                link.send(parcel.number, parcel.data)
        finally:
            ended.set()
            link.wake()

    threading.Thread(target=listen, name="parcels", daemon=True).start()
    while not ended.is_set():
        try:
            reports = link.receive(_LOOK)
        except LinkLostError:
            os._exit(1)  # leaving the cluster properly would wait for it
        for report in reports:
            send(answers, report)
